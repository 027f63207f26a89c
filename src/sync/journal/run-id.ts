import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../../config/config.ts';
import { storageError } from '../../dump/files.ts';
import { endedSuffix, jobIdOf } from './journal.ts';

/** Ends of names: the job's own end and the second it began (epoch milliseconds), so that two attempts never meet. */
export function runIdOf(jobId: string, startedAt: number): string {
  return `${jobId
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '')
    .slice(-6)}${Math.floor(startedAt / 1000).toString(36)}`;
}

/**
 * Runs of this data directory that are over, by the names of their journals; none is read. What another service
 * builds, and what a run is building now, is not among them. STORAGE_UNUSABLE.
 */
export async function endedRunIds(config: Pick<Config, 'directories'>): Promise<readonly string[]> {
  try {
    const names = await readdir(join(config.directories.data, 'jobs'));
    return names
      .filter((name) => name.endsWith(endedSuffix))
      .map((name) => runIdOf(jobIdOf(name), Number(name.split('.').at(-2))));
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return [];
    throw storageError(error, 'Listing the jobs’ journals');
  }
}
