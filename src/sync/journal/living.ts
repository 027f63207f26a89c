import { readlink, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

/** How often a living attempt touches its journal. */
export const beatMs = 4_000;
/** A journal that was not touched for so long has nobody, whatever two clocks think of each other. */
const coldMs = 10 * 60_000;
/** How long a journal may be without its first line. */
const beginningMs = 60_000;
const pollMs = 250;

/** The process that works on an attempt, as its journal names it. */
export interface AttemptProcess {
  /** Where `pid` means something: the host, and on Linux the namespace. */
  readonly host: string;
  readonly pid: number;
}

/** Journals that this process works on. */
const openHere = new Set<string>();

export function markOpen(path: string): void {
  openHere.add(path);
}

export function markClosed(path: string): void {
  openHere.delete(path);
}

export async function thisProcess(): Promise<AttemptProcess> {
  // Containers may share a host's name and have processes of their own.
  const namespace = await readlink('/proc/self/ns/pid').catch(() => '');
  return { host: `${hostname()} ${namespace}`.trim(), pid: process.pid };
}

/**
 * Whether somebody still works on the attempt whose open journal this is: its run may have lost its lock, and what it
 * is building is not to be touched all the same. A process of this host is looked up by its id; one that cannot be
 * (another host, or an id that another process may bear by now) shows itself by touching the journal within some
 * seconds, which is waited for. `attempt` is null where nobody knows the process, and undefined in a journal of a
 * version that named none, and did not touch it either.
 */
export async function isWorkedOn(path: string, attempt: AttemptProcess | null | undefined): Promise<boolean> {
  if (openHere.has(path)) return true;
  if (attempt === null) return Date.now() - ((await touchedAt(path)) ?? 0) < beginningMs;
  if (attempt === undefined) return false;
  const { host, pid } = await thisProcess();
  if (attempt.host === host && (attempt.pid === pid || !processExists(attempt.pid))) return false;
  return isTouched(path);
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === 'EPERM';
  }
}

async function touchedAt(path: string): Promise<number | null> {
  return (await stat(path).catch(() => null))?.mtimeMs ?? null;
}

/** No clock is compared but to pass over what nobody can be at: another host's may be wrong. */
async function isTouched(path: string): Promise<boolean> {
  const before = await touchedAt(path);
  if (before === null || Date.now() - before > coldMs) return false;
  for (let waited = 0; waited < 3 * beatMs; waited += pollMs) {
    await delay(pollMs);
    if ((await touchedAt(path)) !== before) return true;
  }
  return false;
}
