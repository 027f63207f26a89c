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
 * Removes records and ended journals whose time is over; looks once a day, so that thousands of them cost nothing. What
 * cannot be removed is said (a sentence) and tried again the next day. Never throws.
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
    for (const name of await readdir(directory)) {
      if (!/\.(?:json|partial)$/.test(name) && !name.endsWith(endedSuffix)) continue;
      const path = join(directory, name);
      const written = await stat(path).catch(() => null);
      if (written !== null && now - written.mtimeMs > keepMs) await rm(path, { force: true });
    }
    return [];
  } catch (error) {
    const reason = asSyncError(storageError(error, 'Removing it')).message;
    return [`Old job records could not be removed; the next try is tomorrow: ${reason}`];
  }
}
