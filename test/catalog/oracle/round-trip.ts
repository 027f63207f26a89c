import { join } from 'node:path';
import { compareModels } from '../../../src/catalog/compare.ts';
import type { CatalogModel } from '../../../src/catalog/model.ts';
import type { Config } from '../../../src/config/config.ts';
import type { TestDatabase } from '../../support/postgres.ts';
import { createBench } from '../../harness/environment-pair.ts';
import type { Mode } from '../../harness/environment-pair.ts';
import { modelOf, restoredDespiteErrors, runPsqlFile, texts } from '../oracle.ts';
import type { CatalogServer } from '../servers.ts';
import { blindSpots } from './blind-spots.ts';
import { differences } from './differences.ts';
import type { Findings } from './differences.ts';
import { dumpEntries, dumpText } from './dump-entries.ts';
import { dumpFileContent } from './dump-file.ts';
import type { DumpFileContent } from './dump-file.ts';

/** A copy has everything of its source. */
const change = (config: Config): Config => ({
  ...config,
  sync: { ...config.sync, databaseSettings: 'source', secrets: true },
});

interface RoundTripInput {
  readonly source: TestDatabase;
  /** Where the copies are made. */
  readonly server: CatalogServer;
  readonly mode: Mode;
}

/** Copies of one source, and in what they are not what they should be. `databases` are the caller's to drop. */
export interface RoundTrip {
  readonly model: CatalogModel;
  /** The one made by `export` and `import`. */
  readonly imported: { readonly database: TestDatabase; readonly model: CatalogModel };
  /** Ours, and pg_dump's text. */
  readonly dumps: { readonly file: string; readonly reference: string };
  readonly findings: Findings;
  readonly databases: readonly TestDatabase[];
}

/**
 * Takes a database through our verbs, through psql with our file, and through pg_dump and psql, and compares the three
 * copies. The copies are compared with each other, not with the source: what a server writes about an object is not
 * what it writes after reading that again (docs/facts/postgresql.md#reading-definitions-back). What pg_dump does not
 * carry is compared with the source.
 */
export async function roundTrip({ source, server, mode }: RoundTripInput): Promise<RoundTrip> {
  const imported = await server.database('imported');
  const bench = await createBench({ source, target: imported, change });
  const file = join(bench.directory, 'first.sql');
  await bench.export({ output: file, compression: 'none' });
  await bench.import({ file }, mode);
  const replayed = await server.database('replayed');
  await runPsqlFile(replayed.url, file);
  const dump = await dumpText(source.url, []);
  const { database: reference, errors } = await restoredDespiteErrors(dump, server);

  const entries = await dumpEntries(reference.url);
  const facts = await expectedFacts(source, reference);
  const model = await modelOf(source.url, { secrets: true });
  const copy = await modelOf(imported.url, { secrets: true });
  const again = join(bench.directory, 'second.sql');
  const back = await createBench({ source: imported, target: replayed, change });
  await back.export({ output: again, compression: 'none' });
  return {
    model,
    imported: { database: imported, model: copy },
    dumps: { file, reference: dump },
    findings: {
      'errors of pg_dump itself': errors,
      unsupported: model.unsupported.map(({ identity }) => identity),
      'pg_dump of the imported copy': differences(entries, await dumpEntries(imported.url)),
      'pg_dump of the replayed copy': differences(entries, await dumpEntries(replayed.url)),
      'facts of the imported copy': differences(facts, await blindSpots(imported)),
      'facts of the replayed copy': differences(facts, await blindSpots(replayed)),
      'export of the imported copy': exportDifferences(
        asReloaded(await dumpFileContent(file), model, await modelOf(reference.url, { secrets: true })),
        await dumpFileContent(again),
      ),
      'comparison with the source': compareModels(model, copy, { owners: true, privileges: true }).map(
        ({ name, difference }) => `${name} ${difference}`,
      ),
    },
    databases: [reference, imported, replayed],
  };
}

/** The way to a later major: what our dump becomes there against what pg_dump's becomes. */
export async function upgrade(
  dumps: RoundTrip['dumps'],
  server: CatalogServer,
  mode: Mode,
): Promise<Findings> {
  const imported = await server.database('upgraded');
  const bench = await createBench({ source: imported, target: imported, change });
  await bench.import({ file: dumps.file }, mode);
  const { database: reference, errors } = await restoredDespiteErrors(dumps.reference, server);
  const findings = {
    'errors of pg_dump on the way up': errors,
    'pg_dump of the upgraded copy': differences(
      await dumpEntries(reference.url),
      await dumpEntries(imported.url),
    ),
    'facts of the upgraded copy': differences(
      (await blindSpots(reference)).filter((fact) => !notOfPgDump.test(fact)),
      (await blindSpots(imported)).filter((fact) => !notOfPgDump.test(fact)),
    ),
  };
  for (const database of [imported, reference]) await database.drop();
  return findings;
}

/** Kinds of facts that pg_dump without `--create` does not carry, or not as they were. */
const notOfPgDump = /^(?:setting|database grants|parents|populated) /;

async function expectedFacts(source: TestDatabase, reference: TestDatabase): Promise<string[]> {
  return [
    ...(await blindSpots(reference)).filter((fact) => !notOfPgDump.test(fact)),
    ...(await blindSpots(source)).filter((fact) => notOfPgDump.test(fact)),
  ];
}

/** The first export as it would be had the source been reloaded once: pg_dump's own reload writes other words. */
function asReloaded(
  { objects, rows }: DumpFileContent,
  source: CatalogModel,
  reference: CatalogModel,
): DumpFileContent {
  const before = texts(source);
  const after = texts(reference);
  return {
    objects: objects.map(({ identity, sql }) => ({
      identity,
      sql: before[identity] === sql ? (after[identity] ?? sql) : sql,
    })),
    rows,
  };
}

/**
 * Rows are compared as they stand in the files, but where a reload has put the columns of a table in another order (as
 * pg_dump's does with inherited ones) only their number is: the facts hold a digest of each table.
 */
function exportDifferences(one: DumpFileContent, other: DumpFileContent): string[] {
  const [first, second] = [withoutTraces(one), withoutTraces(other)];
  const definitions = ({ objects }: DumpFileContent): string[] =>
    objects.map(({ identity, sql }) => `${identity}: ${sql}`);
  const rows = (content: DumpFileContent, other: DumpFileContent): string[] =>
    Object.entries(content.rows).flatMap(([head, lines]) =>
      head in other.rows ? lines.map((line) => `${head} ${line}`) : `${anyOrder(head)} ${lines.length} lines`,
    );
  const all = differences(
    [...definitions(first), ...rows(first, second)],
    [...definitions(second), ...rows(second, first)],
  );
  const order = ({ objects }: DumpFileContent): string => objects.map(({ identity }) => identity).join('\n');
  return all.length > 0 || order(first) === order(second) ? all : ['the order of objects'];
}

/**
 * Which members of an extension look changed depends on how the extension came into each database; what they are is
 * compared by the model.
 */
function withoutTraces({ objects, rows }: DumpFileContent): DumpFileContent {
  return { objects: objects.filter(({ identity }) => !identity.startsWith('changes of ')), rows };
}

function anyOrder(head: string): string {
  return head
    .split(/[(,)]/)
    .map((word) => word.trim())
    .sort()
    .join(' ');
}
