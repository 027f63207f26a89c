import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { pgDump, pgRestore, psql } from './client-tools.ts';
import { lacks } from './lacks.ts';
import { testDatabase } from './postgres.ts';
import { scratchDirectory } from './scratch.ts';

describe.skipIf(lacks('client-tools'))('the client tools', () => {
  test('dump, restore and run statements', async () => {
    const source = await testDatabase('tools');
    const target = await testDatabase('tools');
    const made = await psql(source.url, [], {
      input: `CREATE TABLE "T" (v text); INSERT INTO "T" VALUES ('ä')`,
    });
    expect(made.code).toBe(0);
    const plain = await pgDump(source.url);
    expect(plain.stdout).toContain('Dumped by pg_dump version 18');
    expect((await psql(target.url, ['--file=-'], { input: plain.stdout })).code).toBe(0);
    expect(await target.query('SELECT v FROM "T"')).toEqual([{ v: 'ä' }]);

    const directory = await scratchDirectory('tools');
    const archive = join(directory, 'archive');
    expect((await pgDump(source.url, ['--format=custom', `--file=${archive}`])).code).toBe(0);
    expect((await pgRestore(target.url, ['--clean', archive])).code).toBe(0);
    expect(await target.query('SELECT v FROM "T"')).toEqual([{ v: 'ä' }]);
    await rm(directory, { recursive: true });
  });

  test('psql stops at the first error and says so', async () => {
    const { url } = await testDatabase('tools');
    const result = await psql(url, [], { input: 'SELECT no_such_column; SELECT 1' });
    expect(result.code).toBe(3);
    expect(result.stderr).toContain('no_such_column');
  });
});
