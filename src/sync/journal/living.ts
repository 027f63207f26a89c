import { readlink, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

/** How often a living attempt touches its journal. */
export const beatMs = 4_000;
/** Nobody works on a journal that was not touched for this long, whatever the difference of two clocks. */
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
 * Whether somebody still works on the attempt of this open journal. Its run may have lost its lock, but what it is
 * building must not be touched. A process of this host is looked up by its id. If that is not possible (another host,
 * or an id that another process may have by now), this waits some seconds for the process to touch the journal.
 * `attempt` is null where nobody knows the process, and undefined in a journal of a version that named none, and did
 * not touch it either.
 */
export async function isWorkedOn(path: string, attempt: AttemptProcess | null | undefined): Promise<boolean> {
  if (openHere.has(path)) return true;
  if (attempt === null) return Date.now() - ((await touchedAt(path)) ?? 0) < beginningMs;
  if (attempt === undefined) return false;
  const { host, pid } = await thisProcess();
  if (attempt.host === host && (attempt.pid === pid || !processExists(attempt.pid))) return false;
  return isTouched(path, { isOld: attempt.host === host ? () => false : isCold });
}

/**
 * Passes over what nobody can be at. On this host a clock that was set, or a machine that slept, would look the same.
 */
function isCold(touchedAtMs: number): boolean {
  return Date.now() - touchedAtMs > coldMs;
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

/** No clock is compared here: another host's may be wrong, and our own may just have been set. */
async function isTouched(
  path: string,
  { isOld }: { readonly isOld: (touchedAtMs: number) => boolean },
): Promise<boolean> {
  const before = await touchedAt(path);
  if (before === null || isOld(before)) return false;
  for (let waited = 0; waited < 3 * beatMs; waited += pollMs) {
    await delay(pollMs);
    if ((await touchedAt(path)) !== before) return true;
  }
  return false;
}
