import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fastTiming } from '../queue-harness.ts';
import type { QueueAddress } from '../queue-harness.ts';
import { spawnWorker } from '../worker-process.ts';
import type { WorkerProcess } from '../worker-process.ts';
import { nowUs } from './history.ts';

export interface FleetOptions {
  readonly workers: number;
  readonly slots: number;
  readonly killEveryMs: number;
}

interface FleetFolders {
  readonly told: string;
  readonly heldLocksDirectory: string;
}

/** Worker processes with the stand-in verb, of which one is killed now and then and another takes its place. */
export interface Fleet {
  readonly deathsUs: ReadonlyMap<string, number>;
  readonly kills: number;
  /** Throws when a worker ended that nobody killed, or one did not start. */
  check(): void;
  /** Kills nobody any more. */
  calm(): Promise<void>;
  stop(): Promise<void>;
}

const lastsMs = { least: 10, most: 120 } as const;
/** Long enough that a job handed out once more meets its own run. */
const longMs = { least: 300, most: 900 } as const;
const longOneIn = 20;
const failsOneIn = 12;

/** `told`: the folder where each process appends what it does, to a file of its own. */
export async function startFleet(
  address: QueueAddress,
  name: string,
  { workers, slots, killEveryMs, told, heldLocksDirectory }: FleetOptions & FleetFolders,
): Promise<Fleet> {
  const deathsUs = new Map<string, number>();
  const living = new Map<number, { readonly name: string; readonly worker: WorkerProcess }>();
  const calmed = new AbortController();
  let processes = 0;
  let kills = 0;
  let problem: unknown = null;

  const launch = async (place: number): Promise<void> => {
    processes += 1;
    const own = `w${processes}`;
    const verb = { file: join(told, own), process: own, lastsMs, longMs, longOneIn, failsOneIn };
    const worker = await spawnWorker(address, name, { heldLocksDirectory, maxConcurrent: slots, verb });
    living.set(place, { name: own, worker });
  };

  const kill = async (place: number): Promise<void> => {
    const victim = living.get(place);
    if (victim === undefined) return;
    living.delete(place);
    await victim.worker.kill();
    deathsUs.set(victim.name, nowUs());
  };

  const keepKilling = async (): Promise<void> => {
    const { signal } = calmed;
    for (let place = 0; ; place = (place + 1) % workers) {
      await delay(killEveryMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      await kill(place);
      kills += 1;
      // Every second time nobody comes before the dead one's locks and claims have run out by themselves.
      if (kills % 2 === 0) await delay(2 * fastTiming.lockMs);
      await launch(place);
    }
  };

  const stop = async (): Promise<void> => {
    calmed.abort();
    await killing;
    for (const place of living.keys()) await kill(place);
  };

  let killing = Promise.resolve();
  try {
    for (let place = 0; place < workers; place += 1) await launch(place);
  } catch (error) {
    await stop();
    throw error;
  }
  killing = keepKilling().catch((error: unknown) => {
    problem = error;
  });
  return {
    deathsUs,
    get kills() {
      return kills;
    },
    check() {
      if (problem !== null) throw problem;
      for (const { name, worker } of living.values()) {
        const complaint = worker.complaint();
        if (complaint !== null) throw new Error(`Worker ${name} ended by itself: ${complaint}`);
      }
    },
    async calm() {
      calmed.abort();
      await killing;
    },
    stop,
  };
}
