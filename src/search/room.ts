import { SyncError } from '../errors/sync-error.ts';
import { httpStatusOf } from './search-error.ts';
import { call } from './search-node.ts';
import type { SearchNode } from './search-node.ts';

const mebibyte = 1024 * 1024;
/** Left to the server: one with a full disk answers nobody, not even searches (docs/facts/typesense.md#resources). */
const reserveBytes = 256 * mebibyte;
/** An import is in the log, in a temporary copy and in the store until the next snapshot. */
const diskPerByte = 3;
/** What is searched takes two to three times its bytes; most documents hold more than what is searched. */
const memoryPerByte = 2;

/** Bytes that are free on the machine of a node. */
export interface Room {
  readonly disk: number;
  readonly memory: number;
}

/** Null where the key may not ask (`metrics.json:list`). Errors: SEARCH_UNAVAILABLE, AUTH_SEARCH. */
export async function roomOf(node: SearchNode): Promise<Room | null> {
  try {
    const metrics = await call(node, 'Asking for free disk and memory (metrics.json:list)', () =>
      node.client.metrics.retrieve(),
    );
    return freeOf(metrics as unknown as Readonly<Record<string, unknown>>);
  } catch (error) {
    if (httpStatusOf(error) === 401) return null;
    throw error;
  }
}

/** Null where the figures are not there. Pure. */
export function freeOf(metrics: Readonly<Record<string, unknown>>): Room | null {
  const free = (what: string): number =>
    Number(metrics[`system_${what}_total_bytes`]) - Number(metrics[`system_${what}_used_bytes`]);
  const room = { disk: free('disk'), memory: free('memory') };
  return Number.isNaN(room.disk) || Number.isNaN(room.memory) ? null : room;
}

/** What documents of so many bytes of JSON may take for a while. */
export function needOf(bytes: number): Room {
  return { disk: bytes * diskPerByte, memory: bytes * memoryPerByte };
}

/**
 * SEARCH_OUT_OF_RESOURCES where a node has not the disk for documents of so many bytes. Of memory it is only said:
 * the server refuses by itself, and what documents take of it depends on their fields.
 */
export function refuseLittleRoom(url: string, room: Room | null, bytes: number): void {
  if (room === null) return;
  const need = needOf(bytes).disk + reserveBytes;
  if (room.disk >= need) return;
  const inMebibytes = (value: number): string => `${Math.round(value / mebibyte)} MiB`;
  throw new SyncError(
    'SEARCH_OUT_OF_RESOURCES',
    `Typesense at ${url} has ${inMebibytes(room.disk)} of disk left; this may need ${inMebibytes(need)}, and a full ` +
      'disk would end every search. The aliases were not moved.',
    { details: { node: url, diskFreeBytes: room.disk, diskNeededBytes: need } },
  );
}
