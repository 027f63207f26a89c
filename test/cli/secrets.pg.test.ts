import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabase, testRole } from '../support/postgres.ts';
import type { TestDatabase } from '../support/postgres.ts';
import { scratchDirectory } from '../support/scratch.ts';
import { dropKept, runCli } from './run-cli.ts';

/** Planted in every place that holds a secret or a row's value. */
const planted = 'PLANTED';

let cwd: string;
let env: Record<string, string>;
let source: TestDatabase;
let target: TestDatabase;
let said = '';

const cli = async (argv: readonly string[], more: Record<string, string> = {}): Promise<number | null> => {
  const { code, stdout, stderr } = await runCli(argv, { cwd, env: { ...env, ...more } });
  said += `$ ${argv.join(' ')}\n${stdout}${stderr}`;
  return code;
};

beforeAll(async () => {
  cwd = await scratchDirectory('secrets');
  source = await testDatabase('secret_source');
  target = await testDatabase('secret_target');
  const role = await testRole({ attributes: 'SUPERUSER' });
  await source.query(`CREATE TABLE person (id int PRIMARY KEY, name text, age text)`);
  await source.query(`INSERT INTO person VALUES (1, '${planted}-row', '${planted}-age')`);
  await source.query(`ALTER ROLE "${role.name}" PASSWORD '${planted}-right-password'`);
  const urlOf = (database: TestDatabase, password: string): string => {
    const url = new URL(database.url);
    url.username = role.name;
    url.password = password;
    return url.href;
  };
  env = {
    SRC_DATABASE_URL: urlOf(source, `${planted}-right-password`),
    DST_DATABASE_URL: urlOf(target, `${planted}-right-password`),
    LOCKED_DATABASE_URL: urlOf(source, `${planted}-wrong-password`),
    GONE_DATABASE_URL: `postgresql://u:${planted}-gone@127.0.0.1:1/x?sslmode=disable`,
    DST_TYPESENSE_URL: 'http://127.0.0.1:1',
    DST_TYPESENSE_API_KEY: `${planted}-typesense`,
    REDIS_URL: `redis://:${planted}-redis@127.0.0.1:1`,
    API_KEY: `${planted}-api`,
    LOG_LEVEL: 'debug',
  };
});

afterAll(() => dropKept(target));

describe('no secret and no row value leaves', () => {
  it('whatever runs, and however it fails', async () => {
    const codes = [
      await cli(['doctor']),
      await cli(['plan', 'src', 'dst', '--no-search', '--json']),
      await cli(['sync', 'src', 'dst', '--confirm', 'dst', '--no-search', '--json']),
      await cli(['sync', 'src', 'dst', '--confirm', 'dst', '--no-search']),
      await cli(['sync', 'src', 'dst', '--confirm', 'dst']),
      await cli(['typesense', 'dst', '--json']),
      await cli(['verify', 'src', 'dst']),
      await cli(['verify', 'src', 'locked', '--json']),
      await cli(['export', 'locked']),
      await cli(['sync', 'src', 'gone', '--confirm', 'gone', '--json']),
      await cli(['jobs', 'list', '--server', 'http://127.0.0.1:1']),
      await cli(['worker']),
      await cli(['export', 'nope']),
      await cli(['export', 'bad'], { BAD_DATABASE_URL: `postgresql://u:${planted}/x@h/db` }),
      await cli(['export', 'bad'], { BAD_DATABASE_URL: `host=h password=${planted}` }),
    ];
    // Each one went where it was meant to go: a run that ends at the door proves nothing.
    expect(codes).toEqual([3, 0, 0, 0, 13, 13, 0, 4, 4, 11, 3, 70, 3, 3, 3]);
    expect(said).not.toContain(planted);
  });

  it('not when a row breaks the target’s rules, nor when rows differ', async () => {
    // A value that no longer fits what the dump says of its column: COPY's own message would quote it.
    await cli(['export', 'src', '--output', 'people.sql']);
    const file = join(cwd, 'foreign.sql');
    const dump = await readFile(join(cwd, 'people.sql'), 'utf8');
    await writeFile(file, dump.replace(/"?age"? text/, 'age integer'));
    expect(await cli(['import', 'foreign.sql', 'dst', '--confirm', 'dst', '--json'])).not.toBe(0);
    await source.query(`UPDATE person SET name = '${planted}-changed'`);
    expect(await cli(['verify', 'src', 'dst', '--json'])).toBe(20);
    expect(said).not.toContain(planted);
  });

  it('not from the files of the configuration', async () => {
    const at = await scratchDirectory('secrets-config');
    await writeFile(join(at, '.env'), `PORT=${planted}\nDEV_DATABASE_URL=postgresql://u:${planted}@h:p/db\n`);
    await writeFile(
      join(at, 'multiboard-sync.config.yaml'),
      `apiKey: ${planted}\nenvironments:\n  dev:\n    url: ${planted}\n    protection: ${planted}\n`,
    );
    const { code, stdout, stderr } = await runCli(['doctor', '--json'], { cwd: at, env: {} });
    expect([code, stdout + stderr]).toEqual([3, expect.not.stringContaining(planted)]);
  });

  it('not into any file but the dumps themselves', async () => {
    const names = await readdir(join(cwd, 'data'), { recursive: true, withFileTypes: true });
    const files = names.filter((entry) => entry.isFile() && !/\.sql(?:\.gz)?$/.test(entry.name));
    expect(files.some(({ name }) => /\.(?:journal|ended)$/.test(name))).toBe(true);
    expect(files.some(({ name }) => name.endsWith('.manifest.json'))).toBe(true);
    for (const { parentPath, name } of files) {
      expect(await readFile(join(parentPath, name), 'utf8'), name).not.toContain(planted);
    }
  });
});
