import { expect } from 'vitest';
import { found } from '../catalog/oracle/differences.ts';
import { unexplained } from '../catalog/oracle/known-differences.ts';
import { roundTrip, upgrade } from '../catalog/oracle/round-trip.ts';
import type { CatalogServer } from '../catalog/servers.ts';
import type { TestDatabase } from '../support/postgres.ts';
import type { Mode } from '../harness/environment-pair.ts';

export interface RealInput {
  readonly source: TestDatabase;
  readonly server: CatalogServer;
  readonly mode: Mode;
  readonly upgradeTo?: CatalogServer;
  /** What pg_dump's own file does not restore in this database, and other lines that its reload changes. */
  readonly expected?: RegExp;
}

/** Takes a real database there and back, says how big it was, and expects nothing to be found. */
export async function expectCarried({ source, server, mode, upgradeTo, expected }: RealInput): Promise<void> {
  const startedAt = Date.now();
  const { model, dumps, findings, databases } = await roundTrip({ source, server, mode });
  const seconds = Math.round((Date.now() - startedAt) / 1000);
  console.log(
    `${source.name}: ${model.objects.length} objects, ${model.tables.length} tables with rows, ` +
      `${model.extensions.length} extensions; there and back in ${seconds} s (${mode})`,
  );
  const upgraded = upgradeTo === undefined ? {} : await upgrade(dumps, upgradeTo, mode);
  const all = found(unexplained(findings, Math.floor(model.server.versionNum / 10_000)), upgraded);
  const unexpected = Object.entries(all).map(
    ([name, lines]) => [name, lines.filter((line) => expected?.test(line) !== true)] as const,
  );
  expect(found(Object.fromEntries(unexpected))).toEqual({});
  for (const database of databases) await database.drop();
}
