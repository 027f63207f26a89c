import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { builtFile } from '../support/built.ts';
import { eventually, fastTiming, snapshotOf } from './queue-harness.ts';
import type { QueueTiming } from '../../src/jobs/queue-settings.ts';
import type { QueueAddress } from './queue-harness.ts';

export interface WorkerProcess {
  /** As the queue knows it. */
  readonly name: string;
  /** Resolves when the process runs that job. */
  started(jobId: string): Promise<void>;
  /** `kill -9`. */
  kill(): Promise<void>;
}

export async function spawnWorker(
  address: QueueAddress,
  name: string,
  more: { readonly heldLocksDirectory?: string; readonly timing?: Partial<QueueTiming> } = {},
): Promise<WorkerProcess> {
  const settings = {
    address,
    name,
    timing: { ...fastTiming, ...more.timing },
    heldLocksDirectory: more.heldLocksDirectory,
    snapshot: snapshotOf('', 41),
    modules: {
      worker: builtFile('jobs/worker.js'),
      connection: builtFile('jobs/queue-connection.js'),
      secret: builtFile('lib/secret.js'),
    },
  };
  const script = fileURLToPath(new URL('./worker-process.mjs', import.meta.url));
  const child = spawn(process.execPath, [script, JSON.stringify(settings)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
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
      if (child.exitCode !== null) throw new Error(`The worker process ended: ${complained}`);
      return said.split('\n').includes(line) ? true : null;
    });
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
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
    kill,
  };
}
