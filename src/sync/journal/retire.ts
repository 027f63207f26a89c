import { readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../../config/config.ts';
import { asSyncError } from '../../errors/sync-error.ts';
import { storageError } from '../../dump/files.ts';
import { endedSuffix } from './journal.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** As long as the queue keeps its jobs; longer where an undo, which needs the record, is possible for longer. */
const historyDays = 90;
/** The file's time is the time of the last sweep. */
const sweptName = '.swept';

/**
 * Removes records and ended journals whose time is over, and what processes left that were killed while they wrote;
 * looks once a day, so that thousands of them cost nothing. What cannot be removed is said (a sentence) and tried again
 * the next day. Never throws.
 */
export async function retireRecords(
  config: Pick<Config, 'directories' | 'dumps' | 'sync'>,
  now: number,
): Promise<readonly string[]> {
  const directory = join(config.directories.data, 'jobs');
  const swept = join(directory, sweptName);
  try {
    const last = await stat(swept).catch(() => null);
    if (last !== null && now - last.mtimeMs < dayMs) return [];
    await writeFile(swept, '', { mode: 0o600 });
    const keepMs = Math.max(
      historyDays * dayMs,
      config.dumps.retentionDays * dayMs,
      config.sync.keepDatabaseHours * hourMs,
    );
    await removeOld(directory, now, (name) => {
      if (isPartial(name)) return dayMs;
      return name.endsWith('.json') || name.endsWith(endedSuffix) ? keepMs : null;
    });
    // Keys, addresses of services and the like.
    await removeOld(config.directories.data, now, (name) => (isPartial(name) ? dayMs : null));
    return [];
  } catch (error) {
    const reason = asSyncError(storageError(error, 'Removing it')).message;
    return [`Old job records could not be removed; the next try is tomorrow: ${reason}`];
  }
}

/** What a process leaves that is killed while it writes a small file (`placeFile`); nobody takes a day for one. */
function isPartial(name: string): boolean {
  return /\.[0-9a-f]{12}\.partial$/.test(name);
}

/** Removes files that are older than they may get; null for those that are none of ours. */
async function removeOld(
  directory: string,
  now: number,
  mayStayMs: (name: string) => number | null,
): Promise<void> {
  for (const name of await readdir(directory)) {
    const limitMs = mayStayMs(name);
    if (limitMs === null) continue;
    const path = join(directory, name);
    const written = await stat(path).catch(() => null);
    if (written !== null && now - written.mtimeMs > limitMs) await rm(path, { force: true });
  }
}
