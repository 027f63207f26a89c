import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Config } from '../config/config.ts';
import { storageError } from '../dump/files.ts';
import { findDump, listDumps, summaryOf } from '../dump/store.ts';
import type { KnownSummaries } from '../dump/store.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { JobQueue } from '../jobs/job-queue.ts';
import { dumpsOfJobs } from '../jobs/waiting-dumps.ts';
import { removeUnusedDump } from '../sync/dumps/dump-uses.ts';
import type { DumpsPort } from './ports.ts';

export interface DumpCatalogueDeps {
  readonly config: Pick<Config, 'directories'>;
  readonly jobs: Pick<JobQueue, 'listJobs'>;
  readonly log: { warn(fields: object, message: string): void };
}

/** The dumps of the data directory, as the HTTP interface needs them. */
export function createDumpCatalogue({ config, jobs, log }: DumpCatalogueDeps): DumpsPort {
  const known: KnownSummaries = new Map();
  return {
    list: () =>
      listDumps(
        config,
        (name) => {
          log.warn({ manifest: name }, 'A manifest cannot be read; its dump is not listed');
        },
        known,
      ),

    async get(id) {
      const { manifest } = await findDump(config, id);
      return { summary: summaryOf(manifest), manifest };
    },

    async open(id) {
      const { paths, manifest } = await findDump(config, id);
      try {
        const file = await open(paths.file, 'r');
        let handedOn = false;
        try {
          const { size } = await file.stat();
          if (size === manifest.file.bytes) {
            const stream = file.createReadStream();
            handedOn = true;
            return { summary: summaryOf(manifest), fileName: basename(paths.file), stream };
          }
        } finally {
          if (!handedOn) await file.close();
        }
      } catch (error) {
        throw storageError(error, `Opening the dump "${id}"`);
      }
      throw new SyncError(
        'STORAGE_DUMP_INCOMPLETE',
        `The dump "${id}" does not have the size its manifest says.`,
      );
    },

    remove: async (id) => removeUnusedDump(config, id, await dumpsOfJobs(config, jobs)),
  };
}
