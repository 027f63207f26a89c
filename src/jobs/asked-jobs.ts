import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../config/config.ts';
import { errorReport, SyncError } from '../errors/sync-error.ts';
import type { ErrorReport } from '../errors/sync-error.ts';
import type { JobState } from '../progress/progress.ts';
import { unfinishedJournals } from '../sync/journal/journal.ts';
import {
  jobRecords,
  readableJobRecord,
  removeQueuedRecord,
  writeJobRecord,
} from '../sync/journal/records.ts';
import { requestEnds } from '../sync/contract/requests.ts';
import type { JobPayload } from './job-payload.ts';
import { isFinal } from './job-status.ts';
import { findJob } from './job-view.ts';
import type { JobsLog } from './log.ts';
import type { QueueBackend } from './queue-backend.ts';
import { createTroubleLog } from './trouble-log.ts';
import type { TroubleLog } from './trouble-log.ts';

export interface AskedJobsDeps {
  readonly config: Pick<Config, 'directories'>;
  readonly backend: QueueBackend;
  /** Which queue it is, for later processes: another service may have another one, with the same data directory. */
  readonly queue: string;
  readonly log: JobsLog;
  readonly now: () => number;
  /** Between two looks. */
  readonly lookMs?: number | undefined;
}

const lookMsDefault = 2_000;

/**
 * Jobs that were asked for here and have not ended. A queue may lose them: a Redis that keeps nothing on disk starts
 * empty, and a FLUSHALL takes what waits. So each has its record from the moment on when it is asked for, and where
 * the queue does not know it any more, the record says that it was lost. A run that has begun goes on without the
 * queue, and writes its own end.
 *
 * Between `begin` and `close` it looks at the queue every few seconds, as long as there is such a job.
 */
export class AskedJobs {
  readonly #deps: AskedJobsDeps;
  readonly #trouble: TroubleLog;
  readonly #over = new AbortController();
  /** How often in a row the queue did not know the job. */
  readonly #missed = new Map<string, number>();
  #looking: Promise<void> = Promise.resolve();

  constructor(deps: AskedJobsDeps) {
    this.#deps = deps;
    this.#trouble = createTroubleLog(deps.log, deps.now);
  }

  /** Before the queue has it: a worker may begin it at once. Never throws. */
  async note(
    id: string,
    { request, actor, trigger }: Pick<JobPayload, 'request' | 'actor' | 'trigger'>,
    at: number,
  ): Promise<void> {
    this.#missed.set(id, 0);
    await writeJobRecord(this.#deps.config, {
      version: 1,
      id,
      kind: request.kind,
      state: 'queued',
      ...requestEnds(request),
      startedAt: at,
      finishedAt: null,
      receipt: null,
      error: null,
      undoneBy: null,
      asked: {
        queue: this.#deps.queue,
        request,
        ...(actor === undefined ? {} : { actor }),
        ...(trigger === undefined ? {} : { trigger }),
      },
    }).catch((error: unknown) => {
      // It runs all the same; only its loss could not be told.
      this.#trouble('A job that was asked for could not be noted on disk', error);
    });
  }

  /** The queue has refused it, and nobody was told its id. Never throws. */
  async forget(id: string): Promise<void> {
    this.#missed.delete(id);
    // A queue whose answer was lost may have it: then the run writes a record of its own.
    await removeQueuedRecord(this.#deps.config, id).catch((error: unknown) => {
      this.#trouble('The note of a job that the queue has refused could not be removed', error);
    });
  }

  /** Takes up those of an earlier process as well. STORAGE_UNUSABLE. */
  async begin(): Promise<void> {
    const { config, queue } = this.#deps;
    for (const { id } of await jobRecords(
      config,
      ({ asked, state }) => asked?.queue === queue && !isFinal(state),
    ))
      this.#missed.set(id, 0);
    this.#looking = this.#look();
  }

  async close(): Promise<void> {
    this.#over.abort();
    await this.#looking;
  }

  async #look(): Promise<void> {
    const { signal } = this.#over;
    const { lookMs = lookMsDefault } = this.#deps;
    for (;;) {
      await delay(lookMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      if (this.#missed.size === 0) continue;
      try {
        await this.#compare();
      } catch (error) {
        this.#trouble('Whether the queue still has its jobs could not be looked up', error);
      }
    }
  }

  async #compare(): Promise<void> {
    const { backend } = this.#deps;
    const there = new Set(await backend.call(() => backend.claims.unfinished()));
    for (const id of this.#missed.keys()) {
      if (this.#over.signal.aborted) return;
      if (there.has(id)) this.#missed.set(id, 0);
      else await this.#settle(id);
    }
  }

  /** The queue has filed it, or lost it. */
  async #settle(id: string): Promise<void> {
    const { backend, config, log } = this.#deps;
    const found = await backend.call((queue) => findJob(queue, id));
    const record = await readableJobRecord(config, id);
    if (record === null || isFinal(record.state)) {
      this.#missed.delete(id);
      return;
    }
    if (found !== null) {
      const { state, error } = found.stored.view;
      this.#missed.set(id, 0);
      // By no run of this data directory, which would have said so first: it was cancelled before it began, or ran
      // elsewhere.
      if (isFinal(state) && !(await this.#hasJournal(id))) await this.#end(id, state, error);
      return;
    }
    // One that runs here, or died here and is not settled yet, ends by its journal.
    if (await this.#hasJournal(id)) return;
    const missed = (this.#missed.get(id) ?? 0) + 1;
    this.#missed.set(id, missed);
    // Once may be the moment between two of its states.
    if (missed < 2) return;
    const lost = new SyncError(
      'JOB_LOST',
      `The queue (${backend.where}) has lost job ${id} before it ended: it was emptied, or started without its data.`,
    );
    log.error({ job: id, code: lost.code }, 'The queue has lost a job');
    await this.#end(id, 'failed', errorReport(lost));
  }

  async #hasJournal(id: string): Promise<boolean> {
    const open = await unfinishedJournals(this.#deps.config, () => true, '');
    return open.some(({ jobId }) => jobId === id);
  }

  async #end(id: string, state: JobState, error: ErrorReport | null): Promise<void> {
    const { config, now } = this.#deps;
    const record = await readableJobRecord(config, id);
    if (record !== null && !isFinal(record.state))
      await writeJobRecord(config, { ...record, state, finishedAt: now(), error });
    this.#missed.delete(id);
  }
}
