import { readdir, readlink, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { privateDirectory, readFileIfAny, storageError } from '../dump/files.ts';
import { isAlive, processStart } from '../lib/processes.ts';
import { claimOf } from './claims/claims.ts';
import { parsePayload } from './job-payload.ts';
import type { QueueBackend } from './queue-backend.ts';

/** A lock this process holds in the queue, as its successor finds it. */
const noteSchema = z.object({
  jobId: z.string(),
  /** BullMQ's; only with it a lock can be changed. */
  token: z.string(),
  pid: z.number(),
  start: z.string(),
  /** Process ids mean something only there. */
  place: z.string(),
  /** Names the worker in the queue; earlier versions did not say. */
  worker: z.string().optional(),
});

type Note = z.infer<typeof noteSchema>;

/** Notes of the locks a worker holds, one file each. */
export interface HeldLocks {
  hold(jobId: string, token: string): Promise<void>;
  letGo(jobId: string): Promise<void>;
}

const suffix = '.json';
/** A lock of BullMQ's cannot be given back in another's name, but it may end at once. */
const atOnceMs = 1;

/**
 * Keeps notes of the locks that worker `worker` holds in `directory`, so that a service that was killed and started
 * again need not wait until they run out (`freeLocksOfTheDead`). The notes are hints: nothing is wrong without them,
 * only slow. Throws STORAGE_UNUSABLE, STORAGE_FULL.
 */
export async function keepHeldLocks(directory: string, worker: string): Promise<HeldLocks> {
  await privateDirectory(directory);
  const start = await processStart(process.pid);
  const self = { pid: process.pid, start, place: await thisPlace(), worker };
  const fileOf = (jobId: string): string => join(directory, `${jobId}.${worker}${suffix}`);
  return {
    async hold(jobId, token) {
      try {
        await writeFile(fileOf(jobId), JSON.stringify({ jobId, token, ...self }), { mode: 0o600 });
      } catch (error) {
        throw storageError(error, 'Noting a lock of the queue');
      }
    },
    letGo: (jobId) => rm(fileOf(jobId), { force: true }),
  };
}

/**
 * Ends the locks that dead processes of this machine and container left behind, and gives back their claims: their
 * jobs are taken up after two looks for stalled jobs, as if the locks had expired, and count as such. Locks of living
 * processes are never touched, because token and holder are the dead one's. Returns the jobs. Throws
 * QUEUE_UNAVAILABLE, STORAGE_UNUSABLE.
 */
export async function freeLocksOfTheDead(
  backend: QueueBackend,
  directory: string,
): Promise<readonly string[]> {
  const freed: string[] = [];
  for (const name of await notesIn(directory)) {
    const path = join(directory, name);
    const note = readNote(await readFileIfAny(path));
    // We cannot judge this one: its process lives, or ran in another container.
    if (note !== null && !(await isDead(note)) && (await isActive(backend, note.jobId))) continue;
    if (note !== null && (await isDead(note)) && (await endLock(backend, note))) freed.push(note.jobId);
    await rm(path, { force: true });
  }
  return freed;
}

async function endLock(backend: QueueBackend, { jobId, token, worker }: Note): Promise<boolean> {
  const job = await backend.call((queue) => queue.getJob(jobId));
  if (job === undefined) return false;
  if (worker !== undefined) {
    await backend.claims.release(claimOf(jobId, parsePayload(jobId, job.data).request, worker));
  }
  return backend.call(async () => (await job.extendLock(token, atOnceMs)) === 1);
}

async function isActive(backend: QueueBackend, jobId: string): Promise<boolean> {
  return backend.call(async (queue) => (await queue.getJobState(jobId)) === 'active');
}

async function isDead({ pid, start, place }: Note): Promise<boolean> {
  if (place !== (await thisPlace())) return false;
  return !isAlive(pid) || (await processStart(pid)) !== start;
}

/** Where process ids are the same as ours: the machine since it was started, and the container. */
async function thisPlace(): Promise<string> {
  if (process.platform !== 'linux') return hostname();
  const boot = await readFileIfAny('/proc/sys/kernel/random/boot_id');
  return `${boot?.trim() ?? hostname()} ${await readlink('/proc/self/ns/pid')}`;
}

async function notesIn(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).filter((name) => name.endsWith(suffix));
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return [];
    throw storageError(error, 'Listing the notes of the queue’s locks');
  }
}

/** Null for a note that is gone, or was cut short when its writer died. */
function readNote(text: string | null): Note | null {
  try {
    return noteSchema.parse(JSON.parse(text ?? ''));
  } catch {
    return null;
  }
}
