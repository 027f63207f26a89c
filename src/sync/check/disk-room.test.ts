import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { diskWarnings } from './disk-room.ts';

const { bavail, bsize } = statfsSync(tmpdir());
const free = bavail * bsize;
const file = (what: string, bytes: number) => ({
  what,
  directory: join(tmpdir(), 'not', 'there yet'),
  bytes,
});
const limits = (maxBytes: number, compression: 'none' | 'gzip' = 'none') => ({
  dumps: { compression, maxBytes, retentionDays: 7 },
});

test('two dumps that fit alone and not together are told, with the room there is', async () => {
  const each = free * 0.75;
  expect(await diskWarnings(limits(2 * free), [file('one', each)])).toEqual([]);
  expect(await diskWarnings(limits(2 * free), [file('one', each), file('other', each)])).toEqual([
    expect.stringMatching(/^one \(there yet\) and other \(there yet\) may need some [\d.]+ GB, .* GB free/),
  ]);
  expect(await diskWarnings(limits(2 * free, 'gzip'), [file('one', each), file('other', each)])).toEqual([]);
});

test('a dump beyond MAX_DUMP_SIZE_GB is told before it is read', async () => {
  expect(await diskWarnings(limits(1e9), [file('one', 3e9)])).toContainEqual(
    expect.stringContaining('one may need some 3.0 GB, and MAX_DUMP_SIZE_GB allows 1.0 GB'),
  );
});
