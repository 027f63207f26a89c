import { both } from '../../lib/both.ts';
import { digestsEqual } from '../../postgres/digest.ts';
import type { TableDigest } from '../../postgres/digest.ts';
import type { CallOptions } from '../../postgres/session.ts';

/**
 * Rows lie in 2^`bits` groups, by the lowest bits of the hash of their key, so that both servers group them alike
 * whatever the order of their collations is. `map` has a bit for each group that was chosen, the lowest bit of a byte
 * first (`get_bit`).
 */
export interface Chosen {
  readonly bits: number;
  readonly map: Uint8Array;
  /** How many were chosen. */
  readonly count: number;
}

/** Group → sum of the hashes of its rows. */
export type Groups = ReadonlyMap<number, bigint>;

/** The same table at one end; each answer is one pass over it. */
export interface Side {
  all(bits: number, options: CallOptions): Promise<{ readonly digest: TableDigest; readonly groups: Groups }>;
  within(chosen: Chosen, bits: number, options: CallOptions): Promise<Groups>;
  /** Hash of the key and hash of the row, for each row of these groups. */
  rows(chosen: Chosen, options: CallOptions): Promise<BigInt64Array>;
}

/** Rows with one key, as far as the two sides do not have them alike; without a key, rows with one content. */
export interface DifferingKey {
  readonly key: bigint;
  /** Rows that only the source has, and rows that only the target has. */
  readonly source: number;
  readonly target: number;
}

export interface Bisected {
  readonly source: TableDigest;
  readonly target: TableDigest;
  /** Differing groups; null where the digests are equal. */
  readonly chosen: Chosen | null;
}

/** In a first pass a group has about as many rows; a sum of it is sixteen bytes on the way. */
const rowsOfGroup = 8;
const firstBitsMax = 17;
/** Bits by which a pass divides the groups of the one before, at most. */
const bitsOfStep = 3;
const bitsMax = 22;
/** Groups held at a time, of one side: some tens of MB. */
const groupsMax = 2 ** 18;
/** Fewer than these are asked for one by one at once: another pass would cost more than it saves. */
const rowsDirect = 4_000;
/** In groups of so many rows another pass saves nothing. */
const rowsSmall = 8;
/** Hashes held at a time, of one side. */
const rowsOfBatch = 500_000;

export function firstBits(rowsEstimated: number): number {
  return Math.min(firstBitsMax, Math.max(0, Math.ceil(Math.log2(Math.max(1, rowsEstimated) / rowsOfGroup))));
}

/**
 * Into how many bits the chosen groups are divided next, as far as memory allows; null: their rows are asked for, a
 * batch at a time. Pure.
 */
export function nextBits(rows: number, { bits, count }: Chosen): number | null {
  const each = rows / 2 ** bits;
  if (each <= rowsSmall || each * count <= rowsDirect) return null;
  const step = Math.min(bitsOfStep, bitsMax - bits, Math.floor(Math.log2(groupsMax / count)));
  return step < 1 ? null : bits + step;
}

/** Both sides in one pass each, then the groups that differ again and again in smaller ones. */
export async function bisect(
  [source, target]: readonly [Side, Side],
  rowsEstimated: number,
  { signal }: CallOptions,
): Promise<Bisected> {
  const bits = firstBits(rowsEstimated);
  const [here, there] = await both(
    (either) => source.all(bits, { signal: either }),
    (either) => target.all(bits, { signal: either }),
    signal,
  );
  const found = { source: here.digest, target: there.digest };
  const rows = Math.max(here.digest.rows, there.digest.rows);
  let chosen = differing(here.groups, there.groups, bits);
  if (chosen.count === 0) {
    if (digestsEqual(here.digest, there.digest)) return { ...found, chosen: null };
    // Where only the second sum differs, or the number of rows, no group can be passed over.
    return { ...found, chosen: { bits, map: mapOf(bits).fill(0xff), count: 2 ** bits } };
  }
  for (let next = nextBits(rows, chosen); next !== null; next = nextBits(rows, chosen)) {
    const to = next;
    const from = chosen;
    const [ones, others] = await both(
      (either) => source.within(from, to, { signal: either }),
      (either) => target.within(from, to, { signal: either }),
      signal,
    );
    const smaller = differing(ones, others, to);
    if (smaller.count === 0) break;
    chosen = smaller;
  }
  return { ...found, chosen };
}

/** The differing rows by the hashes of their keys, as many at a time as fit into memory. */
export async function* differingKeys(
  [source, target]: readonly [Side, Side],
  { source: { rows: ones }, target: { rows: others }, chosen }: Bisected,
  { signal }: CallOptions,
): AsyncGenerator<readonly DifferingKey[]> {
  if (chosen === null) return;
  for (const part of batches(chosen, Math.max(ones, others))) {
    const [here, there] = await both(
      (either) => source.rows(part, { signal: either }),
      (either) => target.rows(part, { signal: either }),
      signal,
    );
    const keys = keysOf(here, there);
    if (keys.length > 0) yield keys;
  }
}

/** So many groups at a time as hold the rows of a batch, more or less: hashes spread evenly. Pure. */
export function* batches(chosen: Chosen, rows: number): Generator<Chosen> {
  const each = Math.max(1, rows / 2 ** chosen.bits);
  const most = Math.max(1, Math.floor(rowsOfBatch / each));
  if (chosen.count <= most) {
    yield chosen;
    return;
  }
  let map = new Uint8Array(chosen.map.length);
  let count = 0;
  for (const group of groupsIn(chosen)) {
    setBit(map, group);
    count += 1;
    if (count < most) continue;
    yield { bits: chosen.bits, map, count };
    map = new Uint8Array(chosen.map.length);
    count = 0;
  }
  if (count > 0) yield { bits: chosen.bits, map, count };
}

function* groupsIn({ map }: Chosen): Generator<number> {
  for (const [index, byte] of map.entries())
    for (let bit = 0; byte >> bit !== 0; bit += 1) if ((byte >> bit) & 1) yield index * 8 + bit;
}

function differing(ones: Groups, others: Groups, bits: number): Chosen {
  const map = mapOf(bits);
  let count = 0;
  const choose = (group: number): void => {
    setBit(map, group);
    count += 1;
  };
  for (const [group, sum] of ones) if (others.get(group) !== sum) choose(group);
  for (const group of others.keys()) if (!ones.has(group)) choose(group);
  return { bits, map, count };
}

function mapOf(bits: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Math.ceil(2 ** bits / 8));
}

function setBit(map: Uint8Array, group: number): void {
  map[group >> 3] = (map[group >> 3] ?? 0) | (1 << (group & 7));
}

/** Multisets of pairs (hash of the key, hash of the row): what is left of each side without the other. Pure. */
export function keysOf(here: BigInt64Array, there: BigInt64Array): readonly DifferingKey[] {
  const left = new Map<bigint, Map<bigint, number>>();
  const add = (pairs: BigInt64Array, by: 1 | -1): void => {
    for (let at = 0; at + 1 < pairs.length; at += 2) {
      const key = pairs[at] ?? 0n;
      const row = pairs[at + 1] ?? 0n;
      const rows = left.get(key) ?? new Map<bigint, number>();
      const now = (rows.get(row) ?? 0) + by;
      if (now === 0) rows.delete(row);
      else rows.set(row, now);
      if (rows.size === 0) left.delete(key);
      else left.set(key, rows);
    }
  };
  add(here, 1);
  add(there, -1);
  return [...left].map(([key, rows]) => {
    const counts = [...rows.values()];
    return {
      key,
      source: counts.reduce((sum, count) => sum + Math.max(0, count), 0),
      target: counts.reduce((sum, count) => sum - Math.min(0, count), 0),
    };
  });
}
