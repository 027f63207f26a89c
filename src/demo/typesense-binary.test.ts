import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findTypesense } from './typesense-binary.ts';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'multiboard-sync-find-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function program(name: string, mode: number): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, 'not the real one');
  await chmod(path, mode);
  return path;
}

describe('finding a Typesense', () => {
  test('a program of the user’s own is taken as it is', async () => {
    const own = await program('mine', 0o700);
    const found = await findTypesense({ own, searchPath: '', cacheDirectory: join(folder, 'cache') });
    expect(found).toEqual({ found: true, path: own });
  });

  test('one that cannot be run is said so, and nothing else is tried', async () => {
    const own = await program('mine', 0o600);
    const found = await findTypesense({ own, searchPath: folder, cacheDirectory: join(folder, 'cache') });
    expect(found).toMatchObject({
      found: false,
      reason: expect.stringContaining('TYPESENSE_SERVER') as string,
    });
  });

  test('PATH comes next', async () => {
    const path = await program('typesense-server', 0o755);
    const found = await findTypesense({
      own: undefined,
      searchPath: `:/nowhere:${folder}`,
      cacheDirectory: folder,
    });
    expect(found).toEqual({ found: true, path });
  });

  test.skipIf(process.platform !== 'linux' || process.arch !== 'x64')(
    'a program in the cache that is not the pinned one is not run, and an abort leaves no partial download',
    async () => {
      await program('typesense-server-0.24.1', 0o700);
      const abort = new AbortController();
      const onFetch = (): void => abort.abort(new Error('no download in this test'));
      const finding = findTypesense({
        own: undefined,
        searchPath: '',
        cacheDirectory: folder,
        onFetch,
        signal: abort.signal,
      });
      await expect(finding).rejects.toThrow('no download in this test');
      expect(await readdir(folder)).toEqual(['typesense-server-0.24.1']);
    },
  );
});
