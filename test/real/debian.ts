import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Makes a folder of the user's cache, once, by work that is given an empty one. */
async function cached(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'multiboard-sync');
  const home = join(cache, name);
  if (existsSync(home)) return home;
  await mkdir(cache, { recursive: true, mode: 0o700 });
  const work = await mkdtemp(join(cache, 'fetch-'));
  try {
    await chmod(work, 0o755);
    await fill(work);
    await rename(work, home);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return home;
}

/** The files of a Debian package, unpacked and not installed: its root folder. */
export function debianPackage(name: string): Promise<string> {
  return cached(`debian-${name}`, async (folder) => {
    const download = await mkdtemp(join(folder, 'deb-'));
    await chmod(download, 0o777);
    await run('apt-get', ['download', name], { cwd: download });
    const [deb] = (await readdir(download)).filter((file) => file.endsWith('.deb'));
    if (deb === undefined) throw new Error(`apt-get download left no package ${name}`);
    await run('dpkg', ['-x', join(download, deb), folder]);
    await rm(download, { recursive: true, force: true });
  });
}

/** A folder of PostgreSQL's own source, as Debian keeps it: `src/test/regress`. */
export function postgresSource(debianName: string, path: string): Promise<string> {
  return cached(`source-${debianName}-${path.replaceAll('/', '-')}`, async (folder) => {
    const apt = join(folder, 'apt');
    await mkdir(join(apt, 'sources'), { recursive: true });
    await mkdir(join(apt, 'lists', 'partial'), { recursive: true });
    await writeFile(join(apt, 'sources.list'), await sourceLists('/etc/apt/sources.list', 'deb '));
    for (const file of await readdir('/etc/apt/sources.list.d')) {
      const text = await sourceLists(join('/etc/apt/sources.list.d', file), 'Types: deb');
      await writeFile(join(apt, 'sources', file), text);
    }
    const settings = [
      `Dir::Etc::SourceList=${join(apt, 'sources.list')}`,
      `Dir::Etc::SourceParts=${join(apt, 'sources')}`,
      `Dir::State::Lists=${join(apt, 'lists')}`,
      'APT::Sandbox::User=root',
    ].flatMap((setting) => ['-o', setting]);
    await run('apt-get', [...settings, 'update'], { cwd: folder });
    const archive = await newestArchive(debianName, settings, folder);
    const strip = path.split('/').length + 1;
    await mkdir(join(folder, 'tree'));
    await run(
      'tar',
      ['-xf', archive, '-C', 'tree', `--strip-components=${strip}`, '--wildcards', `*/${path}/*`],
      {
        cwd: folder,
      },
    );
    await rm(apt, { recursive: true, force: true });
  }).then((folder) => join(folder, 'tree'));
}

/** Lists name versions that their server may no longer have, or does not have yet. */
async function newestArchive(
  debianName: string,
  settings: readonly string[],
  folder: string,
): Promise<string> {
  const { stdout } = await run('apt-cache', [...settings, 'showsrc', '--only-source', debianName], {
    cwd: folder,
  });
  const versions = [...stdout.matchAll(/^Version: (\S+)$/gm)].map(([, version]) => version ?? '');
  const failures: unknown[] = [];
  for (const version of versions) {
    try {
      const source = `${debianName}=${version}`;
      await run('apt-get', [...settings, 'source', '--download-only', source], { cwd: folder });
    } catch (error) {
      failures.push(error);
      continue;
    }
    const archive = (await readdir(folder)).find((name) => name.includes('.orig.tar.'));
    if (archive !== undefined) return archive;
  }
  throw new AggregateError(failures, `No version of ${debianName} has a source: ${versions.join(', ')}`);
}

/** Debian's lists of packages, as lists of sources. */
async function sourceLists(file: string, packages: string): Promise<string> {
  const text = existsSync(file) ? await readFile(file, 'utf8') : '';
  return text
    .split('\n')
    .map((line) => (line.startsWith(packages) ? line.replace('deb', 'deb-src') : line))
    .join('\n');
}
