import { randomInt } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SyncError } from '../../../src/errors/sync-error.ts';
import { isQueueAnswer } from '../../../src/jobs/queue-error.ts';
import { Releasers } from '../../../src/lib/releasers.ts';
import { scratchDirectory } from '../../support/scratch.ts';
import { eventually, openHarness, syncTo } from '../queue-harness.ts';
import type { QueueAddress } from '../queue-harness.ts';
import { startFleet } from './fleet.ts';
import type { FleetOptions } from './fleet.ts';
import { readRuns } from './history.ts';
import type { History } from './history.ts';
import { createWitness } from './witness.ts';

export interface StressOptions extends FleetOptions {
  readonly jobs: number;
  readonly targets: readonly string[];
  /** So many are asked for at once, as soon as fewer have not ended. */
  readonly burst: number;
  /** Of each burst so many are cancelled, at some moment of their lives. */
  readonly cancelled: number;
  /** Of so many sightings of a running job, at one BullMQ hands the job out once more, as when its lock is lost. */
  readonly handedOutOneIn: number;
}

export interface StressReport {
  readonly history: History;
  readonly kills: number;
  readonly seconds: number;
  readonly sightings: number;
  readonly handedOutAgain: number;
}

const lookEveryMs = 100;
/** Jobs that have ended, of the last ones, that each round looks at again. */
const lookedAtAgain = 8;
const remembered = 300;
const lookTogether = 20;
const cancelWithinMs = 3_000;
/** No job ends for so long: those left never will. */
const patienceMs = 60_000;

/**
 * Asks for jobs in bursts while workers are killed, looks at every job until its end and at some after it, listens to
 * what a second service tells of them, and collects what happened. Judges nothing (`judge.ts`).
 */
export async function stress(address: QueueAddress, options: StressOptions): Promise<StressReport> {
  const { jobs, targets, burst } = options;
  const startedAt = performance.now();
  await using closers = new Releasers();
  const directory = await scratchDirectory('stress');
  closers.defer(() => rm(directory, { recursive: true, force: true }));
  const told = join(directory, 'told');
  await mkdir(told);
  const folders = { told, heldLocksDirectory: join(directory, 'held-locks') };
  const harness = await openHarness(address);
  closers.defer(() => harness.close());
  const listener = await harness.again();
  closers.defer(() => listener.close());
  const fleet = await startFleet(address, harness.name, { ...options, ...folders });
  closers.defer(() => fleet.stop());
  const witness = createWitness();
  const asked: { job: string; target: string }[] = [];
  const open = new Set<string>();
  const ended: string[] = [];
  const cancelling: Promise<void>[] = [];
  let handedOutAgain = 0;
  listener.events().subscribeAll((job) => witness.see('events', job));

  const ask = async (count: number): Promise<void> => {
    const wanted = Array.from({ length: count }, (_, index) => targets[index % targets.length] ?? '');
    const ids = await Promise.all(wanted.map((target) => harness.queue.addJob(syncTo(target))));
    for (const [index, job] of ids.entries()) {
      asked.push({ job, target: wanted[index] ?? '' });
      open.add(job);
    }
    const first = randomInt(count);
    for (let n = 0; n < options.cancelled; n += 1) cancelling.push(cancel(ids[(first + n) % count] ?? ''));
  };

  const cancel = async (job: string): Promise<void> => {
    await delay(randomInt(cancelWithinMs));
    try {
      witness.see('who cancels', await harness.queue.cancelJob(job));
    } catch (error) {
      // It had ended already.
      if (!(error instanceof SyncError) || error.code !== 'CONFLICT_STATE') throw error;
    }
  };

  /** Without it the order of asking alone would keep two runs apart, and claims would be asked for nothing. */
  const handOutAgain = async (job: string): Promise<void> => {
    try {
      await harness.backend.queue.getBackend().moveJobFromActiveToWait(job, '0');
      handedOutAgain += 1;
    } catch (error) {
      // The queue has forgotten it meanwhile.
      if (!isQueueAnswer(error)) throw error;
    }
  };

  /** The queue keeps some hundreds of ended jobs; of one that it forgot the outcome must have been seen. */
  const look = async (job: string): Promise<void> => {
    try {
      const view = await harness.queue.getJob(job);
      witness.see('looks', view);
      if (view.state === 'running' && randomInt(options.handedOutOneIn) === 0) await handOutAgain(job);
    } catch (error) {
      if (!(error instanceof SyncError) || error.code !== 'USAGE_NOT_FOUND') throw error;
      open.delete(job);
    }
    if (witness.outcomes.has(job) && open.delete(job)) ended.push(job);
  };

  const lookAt = async (ids: readonly string[]): Promise<void> => {
    for (let from = 0; from < ids.length; from += lookTogether)
      await Promise.all(ids.slice(from, from + lookTogether).map(look));
  };

  const someEnded = (): string[] => {
    const last = ended.slice(-remembered);
    const some = Array.from({ length: lookedAtAgain }, () => last[randomInt(Math.max(last.length, 1))]);
    return [...new Set(some)].filter((job) => job !== undefined);
  };

  let progressAt = performance.now();
  while ((asked.length < jobs || open.size > 0) && performance.now() - progressAt < patienceMs) {
    fleet.check();
    const before = ended.length;
    if (asked.length < jobs && open.size < burst) await ask(Math.min(burst, jobs - asked.length));
    await lookAt([...open, ...someEnded()]);
    if (ended.length > before) progressAt = performance.now();
    await delay(lookEveryMs);
  }
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  await Promise.all(cancelling);
  await fleet.calm();
  if (open.size === 0) {
    await eventually('every job is filed', async () => {
      const left = await harness.backend.claims.unfinished();
      return left.length === 0 ? true : null;
    });
  }
  await fleet.stop();
  await lookAt(asked.map(({ job }) => job));
  const { outcomes, contradictions, sightings } = witness;
  const runs = await readRuns(told);
  const history = { asked, runs, deathsUs: fleet.deathsUs, outcomes, contradictions };
  return { history, kills: fleet.kills, seconds, sightings, handedOutAgain };
}
