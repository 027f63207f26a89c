import { array, assert, asyncProperty, double, integer, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batches, bisect, differingKeys, firstBits, keysOf, nextBits } from './bisect.ts';
import type { Chosen, DifferingKey, Groups, Side } from './bisect.ts';

interface Row {
  readonly key: bigint;
  readonly content: bigint;
}

/** A table in memory, which answers as a server does; `asked` counts the rows that travelled one by one. */
function tableOf(rows: readonly Row[]): Side & { readonly asked: () => number } {
  let asked = 0;
  const groupOf = ({ key }: Row, bits: number): number => Number(key & BigInt(2 ** bits - 1));
  const has = ({ map }: Chosen, group: number): boolean =>
    ((map[group >> 3] ?? 0) & (1 << (group & 7))) !== 0;
  const groups = (of: readonly Row[], bits: number): Groups => {
    const sums = new Map<number, bigint>();
    for (const row of of) {
      const group = groupOf(row, bits);
      sums.set(group, BigInt.asIntN(64, (sums.get(group) ?? 0n) + row.content));
    }
    return sums;
  };
  const chosenRows = (chosen: Chosen): readonly Row[] =>
    rows.filter((row) => has(chosen, groupOf(row, chosen.bits)));
  return {
    asked: () => asked,
    all: async (bits) => ({
      digest: {
        algorithm: 'test',
        rows: rows.length,
        sumHigh: rows.reduce((sum, { content }) => sum + content, 0n).toString(),
        sumLow: rows.reduce((sum, { content }) => sum + content * content, 0n).toString(),
      },
      groups: groups(rows, bits),
    }),
    within: async (chosen, bits) => groups(chosenRows(chosen), bits),
    rows: async (chosen) => {
      const found = chosenRows(chosen);
      asked += found.length;
      return BigInt64Array.from(found.flatMap(({ key, content }) => [key, content]));
    },
  };
}

async function differences(
  sides: readonly [Side, Side],
  rowsEstimated: number,
): Promise<readonly DifferingKey[]> {
  const found: DifferingKey[] = [];
  const bisected = await bisect(sides, rowsEstimated, {});
  for await (const keys of differingKeys(sides, bisected, {})) found.push(...keys);
  return found;
}

const sorted = (keys: readonly DifferingKey[]): readonly DifferingKey[] =>
  keys.toSorted((a, b) => (a.key < b.key ? -1 : 1));

/** A hash as good as the server's, of a number. */
const mixed = (number: number): bigint => {
  let hash = BigInt(number) * 0x9e3779b97f4a7c15n;
  hash = BigInt.asUintN(64, (hash ^ (hash >> 29n)) * 0xbf58476d1ce4e5b9n);
  return BigInt.asIntN(64, hash ^ (hash >> 32n));
};

describe('bisect', () => {
  // Few keys and contents, so that many rows have the same.
  const row = record({ key: integer({ min: -40, max: 40 }), content: integer({ min: 1, max: 5 }) }).map(
    ({ key, content }) => ({ key: BigInt(key), content: mixed(key * 1000 + content) }),
  );
  const rows = array(row, { maxLength: 60 });

  it('finds what comparing row by row finds, whatever the statistics say, with rows that come twice', async () => {
    await assert(
      asyncProperty(rows, rows, rows, integer({ min: -1, max: 5_000 }), async (same, a, b, estimated) => {
        const [source, target] = [
          [...same, ...a],
          [...b, ...same],
        ];
        const pairs = (of: readonly Row[]): BigInt64Array =>
          BigInt64Array.from(of.flatMap(({ key, content }) => [key, content]));
        const found = await differences([tableOf(source), tableOf(target)], estimated);
        expect(sorted(found)).toEqual(sorted(keysOf(pairs(source), pairs(target))));
      }),
      { numRuns: 150 },
    );
  });

  it('asks for few rows one by one where few differ', async () => {
    const all = Array.from({ length: 60_000 }, (_, at) => ({ key: mixed(at), content: mixed(at + 1e6) }));
    const changed = all.map((one, at) => (at % 100 === 7 ? { ...one, content: mixed(at + 2e6) } : one));
    const sides = [tableOf(all), tableOf(changed)] as const;
    const found = await differences(sides, all.length);
    expect(found).toHaveLength(600);
    expect(sides[0].asked()).toBeLessThan(all.length * 0.12);
  });

  it('asks for no row where nothing differs', async () => {
    const all = Array.from({ length: 500 }, (_, at) => ({ key: mixed(at), content: mixed(at) }));
    const sides = [tableOf(all), tableOf(all.toReversed())] as const;
    expect(await differences(sides, 0)).toEqual([]);
    expect(sides[0].asked()).toBe(0);
  });
});

describe('the planning of passes', () => {
  it('ends, and never holds more groups at a time than memory is meant for', () => {
    assert(
      property(
        integer({ min: 0, max: 2_000_000_000 }),
        double({ min: 0, max: 1, noNaN: true }),
        (rows, share) => {
          let bits = firstBits(rows);
          for (let passes = 0; ; passes += 1) {
            expect(passes).toBeLessThan(8);
            const count = Math.ceil(2 ** bits * share);
            const next = nextBits(rows, { bits, count, map: new Uint8Array() });
            if (next === null) break;
            expect(next).toBeGreaterThan(bits);
            // What a pass answers: the chosen groups, divided.
            expect(count * 2 ** (next - bits)).toBeLessThanOrEqual(2 ** 18);
            bits = next;
          }
        },
      ),
    );
  });

  it('divides few groups of a large table into small ones, and asks for the rows where all differ', () => {
    const of = (bits: number, count: number): number | null =>
      nextBits(60_000_000, { bits, count, map: new Uint8Array() });
    expect([of(17, 500), of(20, 500), of(22, 500)]).toEqual([20, 22, null]);
    expect([of(17, 60_000), of(17, 100_000), of(17, 2 ** 17), of(18, 2 ** 17 + 1)]).toEqual([
      19,
      18,
      18,
      null,
    ]);
  });

  it('takes the chosen groups in batches, each group once', () => {
    const map = new Uint8Array(2 ** 10 / 8).fill(0b1010_0110);
    const chosen = { bits: 10, map, count: 4 * map.length };
    const parts = [...batches(chosen, 10_000_000)];
    expect(parts.length).toBeGreaterThan(5);
    expect(parts.reduce((sum, { count }) => sum + count, 0)).toBe(chosen.count);
    const together = new Uint8Array(map.length);
    for (const part of parts) part.map.forEach((byte, at) => (together[at] = (together[at] ?? 0) + byte));
    expect(together).toEqual(map);
  });
});
