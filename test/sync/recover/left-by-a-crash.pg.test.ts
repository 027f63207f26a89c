import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseManifest } from '../../../src/dump/dump-reader.ts';
import { manifestText } from '../../../src/dump/manifest.ts';
import { createBench } from '../../harness/environment-pair.ts';

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
