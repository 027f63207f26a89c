import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseManifest } from '../../src/dump/dump-reader.ts';
import { manifestText } from '../../src/dump/manifest.ts';
import { createBench, failure } from './bench.ts';
import { queryOnce } from '../support/postgres-connection.ts';
import { serverUrl, testDatabase, testRole } from '../support/postgres.ts';

const table = 'CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t SELECT generate_series(1, 10)';

test('what a crash and age have left in the data directory stops no run: a cut journal, an old dump that cannot be removed', async () => {
  const bench = await createBench();
  await bench.source.query(table);
  const { dump } = await bench.export();
  const manifest = parseManifest(await readFile(dump!.manifest, 'utf8'));
  const old = { ...manifest, snapshot: { ...manifest.snapshot, takenAt: '2001-01-01T00:00:00.000Z' } };
  const copy = join(bench.config.directories.dumps, 'copied.sql');
  await rename(dump!.file, copy);
  await rename(dump!.manifest, `${copy}.manifest.json`);
  await writeFile(`${copy}.manifest.json`, manifestText(old));
  await writeFile(join(bench.config.directories.dumps, 'broken.sql.manifest.json'), '{');
  const jobs = join(bench.directory, 'jobs');
  const journal = join(jobs, 'dead.1.journal');
  await writeFile(journal, '{"entry":"started","target":"dst","kind":"sync"}\n{"entry":"shad');
  const receipt = await bench.sync('replace');
  expect(await readdir(bench.config.directories.dumps)).not.toContain('copied.sql');
  expect(await readFile(join(jobs, 'dead.1.ended'), 'utf8')).toContain('"entry":"ended"');
  await bench.rollback(receipt.jobId);
});

test('a role that may not ask for the system identifier can be a target, and is not its own source', async () => {
  const source = await testDatabase('source');
  await source.query(table);
  const target = await testDatabase('target');
  const role = await testRole({ attributes: 'CREATEDB' });
  await queryOnce(serverUrl(), `ALTER DATABASE "${target.name}" OWNER TO "${role.name}"`);
  const url = new URL(target.url);
  [url.username, url.password] = [role.name, role.password];
  await queryOnce(target.url, 'REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC');
  const bench = await createBench({ source, target: { ...target, url: url.href } });
  await bench.sync('in-place', { owners: false, privileges: false });
  expect(await target.query('SELECT count(*)::int AS rows FROM t')).toEqual([{ rows: 10 }]);
  const same = await failure(
    bench.run({ kind: 'sync', input: { source: 'dst', target: 'dst', confirm: 'dst' } }),
  );
  expect(same.code).toBe('CONFLICT_SAME_DATABASE');
});
