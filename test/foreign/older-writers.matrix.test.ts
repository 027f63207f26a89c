import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { oneOfEverything } from '../catalog/fixtures.ts';
import { dumpedEntries, runPsql } from '../catalog/oracle.ts';
import { differences } from '../catalog/oracle/differences.ts';
import { packs } from '../catalog/packs.ts';
import { startServer } from '../catalog/servers.ts';
import { lacks } from '../support/lacks.ts';
import { pgDump15 } from '../support/needs.ts';
import type { TestDatabase } from '../support/postgres.ts';
import { serverBinaries } from '../support/servers/fetch.ts';
import { restoredFrom } from './run.ts';

/** Every kind of object as pg_dump 15 writes it: what older programs than 18 write differently. */
describe.skipIf(lacks('client-tools') || lacks('postgres-15') || lacks('pg_dump-15'))(
  'what pg_dump 15 writes',
  () => {
    test('becomes with us what it becomes with psql', { timeout: 600_000 }, async () => {
      const server = await startServer(serverBinaries(15));
      const roles = {
        owner: await server.role('owner'),
        reader: await server.role('reader'),
        writer: await server.role('writer'),
      };
      for (const { database, fixtures } of await packs(oneOfEverything, roles, server)) {
        const theirs = await server.database('psql');
        await runPsql(theirs.url, await writtenBy15(database, []));
        const ours = await server.database('ours');
        await restoredFrom(ours.url, await writtenBy15(database, ['--clean']));
        const [expected, actual] = [await dumpedEntries(theirs.url), await dumpedEntries(ours.url)];
        expect(differences(expected, actual), fixtures.join(', ')).toEqual([]);
        for (const each of [ours, theirs, database]) await each.drop();
      }
    });
  },
);

async function writtenBy15(source: TestDatabase, options: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(pgDump15, [source.url, ...options], {
    maxBuffer: 2 ** 28,
  });
  expect(stdout).toContain('-- Dumped by pg_dump version 15.');
  return stdout;
}
