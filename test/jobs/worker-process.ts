import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { endWithUs } from '../../src/lib/end-with-us.ts';
import { builtFile } from '../support/built.ts';
import { eventually, fastTiming, receiptOf, snapshotOf } from './queue-harness.ts';
import type { QueueTiming } from '../../src/jobs/queue-settings.ts';
import type { QueueAddress } from './queue-harness.ts';

export interface WorkerProcess {
  /** As the queue knows it. */
  readonly name: string;
  /** Resolves when the process runs that job. */
  started(jobId: string): Promise<void>;
  /** What it said at its end, which nobody had asked for; null while it lives. */
  complaint(): string | null;
  /** `kill -9`. */
  kill(): Promise<void>;
}

/** The stand-in verb of `stress/verb.mjs`. */
interface StandIn {
  readonly file: string;
  readonly process: string;
  readonly lastsMs: { readonly least: number; readonly most: number };
  readonly longMs: { readonly least: number; readonly most: number };
  readonly longOneIn: number;
  readonly failsOneIn: number;
}

interface WorkerOptions {
  readonly heldLocksDirectory?: string;
  readonly timing?: Partial<QueueTiming>;
  readonly maxConcurrent?: number;
  /** Without it a job ends only when it is cancelled. */
  readonly verb?: StandIn;
}

export async function spawnWorker(
  address: QueueAddress,
  name: string,
  more: WorkerOptions = {},
): Promise<WorkerProcess> {
  const settings = {
    address,
    name,
    timing: { ...fastTiming, ...more.timing },
    heldLocksDirectory: more.heldLocksDirectory,
    maxConcurrent: more.maxConcurrent ?? 2,
    verb: more.verb && { ...more.verb, receipt: receiptOf('') },
    snapshot: snapshotOf('', 41),
    modules: {
      worker: builtFile('jobs/worker.js'),
      connection: builtFile('jobs/queue-connection.js'),
      secret: builtFile('lib/secret.js'),
      syncError: builtFile('errors/sync-error.js'),
    },
  };
  const script = fileURLToPath(new URL('./worker-process.mjs', import.meta.url));
  const child = spawn(process.execPath, [script, JSON.stringify(settings)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  endWithUs(child, { onExit: 'SIGKILL', onKill: 'SIGKILL' });
  const exited = once(child, 'exit');
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  let said = '';
  let complained = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    complained += chunk.toString();
  });
  const heard = (line: string): Promise<true> =>
    eventually(`worker process says "${line}"; it says: ${complained}`, () => {
      if (hasEnded()) throw new Error(`The worker process ended: ${complained}`);
      return said.split('\n').includes(line) ? true : null;
    });
  const kill = async (): Promise<void> => {
    if (hasEnded()) return;
    child.kill('SIGKILL');
    await exited;
  };
  try {
    await heard('ready');
  } catch (error) {
    await kill();
    throw error;
  }
  return {
    name: `process-${String(child.pid)}`,
    started: async (jobId) => {
      await heard(`started ${jobId}`);
    },
    complaint: () => (hasEnded() ? complained : null),
    kill,
  };
}
