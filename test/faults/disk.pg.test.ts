import { execFile } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import { chmod, chown, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { failure } from '../harness/failure.ts';
import { lacks } from '../support/lacks.ts';
import { atFileEnd, privatePostgres } from '../support/postgres.ts';
import { queryOnce } from '../support/postgres-connection.ts';
import { scratchDirectory } from '../support/scratch.ts';
import { contentOf } from '../harness/content.ts';
import { leftovers, oldOrNew } from '../harness/aftermath.ts';
import { benchOf, smallModels } from '../harness/models.ts';
import type { Models } from '../harness/models.ts';
import { modes } from '../harness/environment-pair.ts';

const run = promisify(execFile);
let models: Models;

beforeAll(async () => {
  models = await smallModels();
  // About 6 MB that do not shrink, and as much in the target.
  const grow = `ALTER TABLE part ADD COLUMN noise text;
    UPDATE part SET noise = (SELECT string_agg(md5(part.id::text || n), '') FROM generate_series(1, 200) AS n)`;
  await models.source.query(grow);
  await models.model.query(`INSERT INTO part SELECT n FROM generate_series(1, 1000) AS n; ${grow}`);
  models = {
    ...models,
    sourceContent: await contentOf(models.source),
    oldContent: await contentOf(models.model),
  };
});

/** A small disk of its own, for root. */
async function smallDisk(megabytes: number): Promise<string> {
  const directory = await scratchDirectory('disk');
  await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0700`, 'tmpfs', directory]);
  atFileEnd(async () => {
    await run('umount', ['--lazy', directory]);
  });
  return directory;
}

/** Takes all that is left, in the middle of what the program does. */
function fill(disk: string): void {
  const file = openSync(join(disk, 'ballast'), 'w');
  try {
    for (;;) writeSync(file, Buffer.alloc(64 * 1024));
  } catch (error) {
    expect((error as { code?: string }).code).toBe('ENOSPC');
  } finally {
    closeSync(file);
  }
}

async function filesIn(directory: string): Promise<string[]> {
  return (await readdir(directory, { recursive: true })).filter((name) => name.includes('.sql'));
}

test('MAX_DUMP_SIZE_GB: the run stops there, and keeps nothing of it', async () => {
  const bench = await benchOf(models, { env: { MAX_DUMP_SIZE_GB: '0.003', ENABLE_COMPRESSION: 'false' } });
  const error = await failure(bench.sync('auto'));
  expect(error).toMatchObject({ code: 'STORAGE_FULL', message: expect.stringContaining('MAX_DUMP_SIZE_GB') });
  expect(await oldOrNew(bench)).toBe('old');
  expect(await filesIn(bench.directory)).toEqual([]);
  expect(await leftovers(bench)).toEqual([]);
});

test('a data directory, or one for the safety copy, that may not be written to', async () => {
  const bench = await benchOf(models);
  await writeFile(join(bench.directory, 'file'), 'a file where a folder should be');
  const nowhere = bench.with({ DATA_DIRECTORY: join(bench.directory, 'file') });
  expect((await failure(nowhere.sync('auto'))).code).toBe('STORAGE_UNUSABLE');
  const backups = bench.with({ BACKUP_DIRECTORY: join(bench.directory, 'file', 'backups') });
  for (const mode of modes) expect((await failure(backups.sync(mode))).code).toBe('STORAGE_UNUSABLE');
  expect(await oldOrNew(bench)).toBe('old');
});

describe.skipIf(lacks('mount'))('a disk that fills up', () => {
  test.each(['DUMP_DIRECTORY', 'BACKUP_DIRECTORY'])('of %s', async (variable) => {
    const disk = await smallDisk(2);
    const bench = await benchOf(models, { env: { [variable]: disk, ENABLE_COMPRESSION: 'false' } });
    expect((await failure(bench.sync('auto'))).code).toBe('STORAGE_FULL');
    expect(await oldOrNew(bench)).toBe('old');
    expect(await filesIn(disk)).toEqual([]);
    expect(await leftovers(bench)).toEqual([]);
    // Less on the disk than the dump's own room: nothing was left behind.
    expect((await readdir(disk)).length).toBe(0);
  });

  test('of the data directory, with the journal and everything else', async () => {
    const disk = await smallDisk(1);
    const bench = await benchOf(models, {
      env: {
        DATA_DIRECTORY: disk,
        DUMP_DIRECTORY: await scratchDirectory('dumps'),
      },
    });
    fill(disk);
    const error = await failure(bench.sync('auto', { backup: 'kept' }));
    expect(error.code).toBe('STORAGE_FULL');
    expect(await oldOrNew(bench)).toBe('old');
  });

  test('of the data directory, with the rows that are set aside', async () => {
    const disk = await smallDisk(2);
    const bench = await benchOf(
      { ...models, policies: { part: 'preserve' } },
      {
        env: {
          DATA_DIRECTORY: disk,
          DUMP_DIRECTORY: await scratchDirectory('dumps'),
          BACKUP_DIRECTORY: await scratchDirectory('backups'),
        },
      },
    );
    const error = await failure(bench.sync('in-place'));
    expect([error.code, error.message]).toEqual(['STORAGE_FULL', expect.stringContaining('aside')]);
    expect(await oldOrNew(bench)).toBe('old');
    expect(await leftovers(bench)).toEqual([]);
  });

  test('that fills up after the switch: done is done, and the next run writes it down', async () => {
    const disk = await smallDisk(1);
    const bench = await benchOf(models, {
      env: {
        DATA_DIRECTORY: disk,
        DUMP_DIRECTORY: await scratchDirectory('dumps'),
        BACKUP_DIRECTORY: await scratchDirectory('backups'),
      },
    });
    const receipt = await bench.sync(
      'auto',
      {},
      {
        jobId: 'full-disk',
        onStep: (step) => {
          if (step === 'clean') fill(disk);
        },
      },
    );
    expect(receipt).toMatchObject({ type: 'receipt', mode: 'replace' });
    expect(await oldOrNew(bench)).toBe('new');
    await rm(join(disk, 'ballast'));
    // Undoing looks the job up: the run before it has to be recorded first.
    await bench.rollback('full-disk');
    expect(await oldOrNew(bench)).toBe('old');
  });

  test.each(modes)('of the target’s server, in mode %s', async (mode) => {
    const disk = await smallDisk(40);
    const server = await privatePostgres();
    const { uid, gid } = await stat(join(server.directory, 'data'));
    const place = join(disk, 'tablespace');
    await mkdir(place);
    await chown(place, uid, gid);
    await chmod(disk, 0o755);
    await queryOnce(server.url, `CREATE TABLESPACE small LOCATION '${place}'`);
    await queryOnce(server.url, 'CREATE DATABASE live TABLESPACE small');
    const url = server.urlOf('live');
    await queryOnce(url, 'CREATE TABLE part (id int PRIMARY KEY); INSERT INTO part VALUES (1)');
    // A database that was only just made has no room on the disk yet; one that people use has.
    await queryOnce(url, 'CHECKPOINT');
    const bench = await benchOf(models);
    const logs: string[] = [];
    const full = bench.with({ DST_DATABASE_URL: url });
    const error = await failure(
      full.sync(
        mode,
        {},
        {
          onEvent: (event) => {
            if (event.type === 'log' && event.level === 'warn') logs.push(JSON.stringify(event));
          },
          onStep: (step) => {
            if (step === 'load') fill(disk);
          },
        },
      ),
    );
    expect([error.code, logs]).toEqual(['TARGET_DISK_FULL', []]);
    expect(await queryOnce(url, 'SELECT * FROM part')).toEqual([{ id: 1 }]);
    expect(await queryOnce(server.url, `SELECT 1 FROM pg_database WHERE datname LIKE 'live\\_\\_%'`)).toEqual(
      [],
    );
    await rm(join(disk, 'ballast'));
    await full.sync(mode);
    expect(await queryOnce(url, 'SELECT count(*)::int AS n FROM part')).toEqual([{ n: 1000 }]);
  });
});
