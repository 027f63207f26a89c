import { access, open, readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Config } from '../config/config.ts';
import { SyncError } from '../errors/sync-error.ts';
import { idPattern } from '../lib/ids.ts';
import { DumpReader, parseManifest } from './dump-reader.ts';
import { privateDirectory, readFileIfAny, refuseOthersDirectory, storageError } from './files.ts';
import type { Manifest } from './manifest.ts';

/** A dump of the catalogue as lists show it. */
export interface DumpSummary {
  readonly id: string;
  readonly purpose: 'export' | 'backup';
  readonly environment: string;
  readonly createdAt: string;
  readonly jobId: string | null;
  readonly tables: number;
  readonly rows: number;
  /** As stored. */
  readonly bytes: number;
  readonly compression: 'none' | 'gzip';
  readonly serverVersion: string;
  readonly sha256: string;
}

/** Where a dump's two files lie. */
export interface DumpPaths {
  readonly file: string;
  readonly manifest: string;
}

type Directories = Pick<Config, 'directories'>;

const manifestSuffix = '.manifest.json';

/** The paths of a new dump in the catalogue; makes the directory (0700). Nothing of a caller's goes into a path. */
export async function newDumpPaths(
  config: Directories,
  dump: { readonly id: string; readonly purpose: 'export' | 'backup'; readonly compression: 'none' | 'gzip' },
): Promise<DumpPaths> {
  const directory = dump.purpose === 'backup' ? config.directories.backups : config.directories.dumps;
  await privateDirectory(directory);
  return pathsBeside(join(directory, `${dump.id}.sql${dump.compression === 'gzip' ? '.gz' : ''}`));
}

/** A file's own manifest lies beside it. */
export function pathsBeside(file: string): DumpPaths {
  return { file, manifest: `${file}${manifestSuffix}` };
}

/** Summaries by path, with what tells that the manifest is still the one that was read. */
export type KnownSummaries = Map<string, { readonly version: string; readonly summary: DumpSummary }>;

/**
 * Every whole dump of the catalogue, newest first. A manifest that cannot be read is skipped by `onDamaged`, never
 * silently. A manifest grows with its dump (tens of megabytes for 100 GB), so who lists often keeps `known`, and each
 * is read once.
 */
export async function listDumps(
  config: Directories,
  onDamaged: (name: string, error: unknown) => void,
  known: KnownSummaries = new Map(),
): Promise<readonly DumpSummary[]> {
  const before = new Map(known);
  known.clear();
  const summaries: DumpSummary[] = [];
  for (const directory of new Set([config.directories.dumps, config.directories.backups])) {
    for (const name of await namesIn(directory)) {
      if (!name.endsWith(manifestSuffix)) continue;
      try {
        const path = join(directory, name);
        const version = await versionOf(path);
        const same = before.get(path);
        const summary = same?.version === version ? same.summary : await readSummary(path);
        if (summary === null) continue;
        known.set(path, { version, summary });
        summaries.push(summary);
      } catch (error) {
        onDamaged(name, error);
      }
    }
  }
  return summaries.sort((a, b) => b.createdAt.localeCompare(a.createdAt));
}

/** Another one for each file that ever stands there. */
async function versionOf(path: string): Promise<string> {
  const { ino, size, mtimeMs } = await stat(path).catch(() => ({ ino: 0, size: 0, mtimeMs: 0 }));
  return `${ino} ${size} ${mtimeMs}`;
}

async function readSummary(path: string): Promise<DumpSummary | null> {
  const text = await readFileIfAny(path);
  return text === null ? null : summaryOf(parseManifest(text));
}

/** Finds a dump by id. STORAGE_DUMP_UNKNOWN when there is none, STORAGE_UNUSABLE where others may put one there. */
export async function findDump(
  config: Directories,
  id: string,
): Promise<{ readonly paths: DumpPaths; readonly manifest: Manifest }> {
  if (idPattern.test(id)) {
    for (const directory of new Set([config.directories.dumps, config.directories.backups])) {
      for (const suffix of ['.sql', '.sql.gz']) {
        const paths = pathsBeside(join(directory, `${id}${suffix}`));
        const text = await readFileIfAny(paths.manifest);
        if (text === null) continue;
        await refuseOthersDirectory(directory);
        return { paths, manifest: parseManifest(text) };
      }
    }
  }
  throw new SyncError('STORAGE_DUMP_UNKNOWN', `There is no dump "${id.slice(0, 130)}".`);
}

/** What tells that the two files of a dump are still those that were read; null where there is none. */
export async function dumpVersion(config: Directories, id: string): Promise<string | null> {
  if (!idPattern.test(id)) return null;
  for (const directory of new Set([config.directories.dumps, config.directories.backups])) {
    for (const suffix of ['.sql', '.sql.gz']) {
      const paths = pathsBeside(join(directory, `${id}${suffix}`));
      if (!(await hasManifest(paths.file))) continue;
      return `${await versionOf(paths.manifest)} ${await versionOf(paths.file)}`;
    }
  }
  return null;
}

export async function openDump(paths: DumpPaths): Promise<DumpReader> {
  const text = await readFileIfAny(paths.manifest);
  if (text === null)
    throw new SyncError('STORAGE_DUMP_INCOMPLETE', `${basename(paths.file)} has no manifest beside it.`);
  return DumpReader.open(paths.file, parseManifest(text));
}

/** Removes a dump: the manifest first, so that half a removal is no dump. STORAGE_DUMP_UNKNOWN, STORAGE_UNUSABLE. */
export async function deleteDump(config: Directories, id: string): Promise<void> {
  const { paths } = await findDump(config, id);
  await removeDump(paths);
}

export async function removeDump(paths: DumpPaths): Promise<void> {
  try {
    await rm(paths.manifest, { force: true });
    await rm(paths.file, { force: true });
  } catch (error) {
    throw storageError(error, 'Removing a dump');
  }
}

/** Whether a path has a manifest of ours beside it; without one it is a foreign file. */
export async function hasManifest(file: string): Promise<boolean> {
  try {
    await access(pathsBeside(file).manifest);
    return true;
  } catch {
    return false;
  }
}

/** Removes unfinished files of dead runs in the catalogue's directories: files without a whole manifest, by dump id. */
export async function removePartialDumps(config: Directories, dumpIds: readonly string[]): Promise<string[]> {
  const removed: string[] = [];
  for (const directory of new Set([config.directories.dumps, config.directories.backups])) {
    const names = await namesIn(directory);
    for (const name of names) {
      const id = dumpIds.find((candidate) => name.startsWith(`${candidate}.sql`));
      if (
        id === undefined ||
        // Beside a whole dump there may be what an earlier attempt left.
        (!name.endsWith('.partial') &&
          names.some((other) => other.startsWith(`${id}.sql`) && other.endsWith(manifestSuffix)))
      )
        continue;
      await rm(join(directory, name), { force: true });
      removed.push(name);
    }
  }
  return removed;
}

/** Removes what unfinished attempts at writing `file` left beside it. Returns the names. */
export async function removePartialsBeside(file: string): Promise<readonly string[]> {
  const [directory, stem] = [dirname(file), basename(file)];
  const partial = /^(?:\.manifest\.json)?\.[0-9a-f]{12}\.partial$/;
  const names = (await namesIn(directory)).filter(
    (name) => name.startsWith(stem) && partial.test(name.slice(stem.length)),
  );
  for (const name of names) await rm(join(directory, name), { force: true });
  return names;
}

/** Removes whole dumps by id, those that are there. Returns the names of their files. */
export async function removeWholeDumps(
  config: Directories,
  dumpIds: readonly string[],
): Promise<readonly string[]> {
  const removed: string[] = [];
  for (const id of dumpIds) {
    for (const directory of new Set([config.directories.dumps, config.directories.backups])) {
      for (const suffix of ['.sql', '.sql.gz']) {
        const paths = pathsBeside(join(directory, `${id}${suffix}`));
        if (!(await hasManifest(paths.file))) continue;
        await removeDump(paths);
        removed.push(basename(paths.file));
      }
    }
  }
  return removed;
}

/**
 * Removes dumps older than the retention, except those in `keep`. Never throws: it runs after finished work. What
 * cannot be read or removed is reported to `onFailure`, and tried again next time.
 */
export async function expireDumps(
  config: Directories & Pick<Config, 'dumps'>,
  input: { readonly now: number; readonly keep: ReadonlySet<string> },
  onFailure: (name: string, error: unknown) => void,
): Promise<void> {
  const oldest = new Date(input.now - config.dumps.retentionDays * 86_400_000).toISOString();
  for (const directory of new Set([config.directories.dumps, config.directories.backups])) {
    try {
      for (const name of await namesIn(directory)) {
        if (name.endsWith(manifestSuffix)) await expireDump(directory, name, oldest, input.keep, onFailure);
      }
    } catch (error) {
      onFailure(basename(directory), error);
    }
  }
}

async function expireDump(
  directory: string,
  name: string,
  oldest: string,
  keep: ReadonlySet<string>,
  onFailure: (name: string, error: unknown) => void,
): Promise<void> {
  try {
    const path = join(directory, name);
    // A manifest has its time near its beginning; only one that will be removed is read whole and checked.
    if ((await takenAtOf(path)) >= oldest) return;
    const text = await readFileIfAny(path);
    if (text === null) return;
    const { dumpId, snapshot } = parseManifest(text);
    if (snapshot.takenAt >= oldest || keep.has(dumpId)) return;
    await removeDump(pathsBeside(join(directory, name.slice(0, -manifestSuffix.length))));
  } catch (error) {
    onFailure(name, error);
  }
}

const headBytes = 4096;

/** When the dump of a manifest was taken, by its first bytes; empty where they do not say so. */
async function takenAtOf(path: string): Promise<string> {
  const file = await open(path, 'r').catch((error: unknown) => {
    // Somebody else was quicker.
    if ((error as { code?: string }).code === 'ENOENT') return null;
    throw error;
  });
  if (file === null) return '';
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    const head = buffer.toString('utf8', 0, bytesRead);
    return /"snapshot":\{"takenAt":"([^"]+)"/.exec(head)?.[1] ?? '';
  } finally {
    await file.close();
  }
}

/** What lists show of a manifest. */
export function summaryOf(manifest: Manifest): DumpSummary {
  return {
    id: manifest.dumpId,
    purpose: manifest.purpose,
    environment: manifest.source.environment,
    createdAt: manifest.snapshot.takenAt,
    jobId: manifest.jobId,
    tables: manifest.tables.length,
    rows: manifest.rows,
    bytes: manifest.file.bytes,
    compression: manifest.options.compression,
    serverVersion: manifest.source.serverVersion,
    sha256: manifest.file.sha256,
  };
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return [];
    throw storageError(error, `Listing the directory "${basename(directory)}"`);
  }
}
