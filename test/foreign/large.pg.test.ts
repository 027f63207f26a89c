import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import type { SyncError } from '../../src/errors/sync-error.ts';
import { inspectForeignDump } from '../../src/plain-dump/inspect.ts';
import { serverLimits, sizeOf } from '../../src/plain-dump/limits.ts';
import { runForeignDump } from '../../src/sync/foreign/run-foreign-dump.ts';
import { failure } from '../harness/failure.ts';
import { testDatabase } from '../support/postgres.ts';
import { withSession } from './run.ts';

const megabyte = 1024 * 1024;
/** How much is sent in one statement or row here; a thousand and more were measured by hand. */
const megabytes = Number(process.env['TEST_LARGE_MEGABYTES'] ?? 48);
const chunk = Buffer.alloc(256 * 1024, 'x');
const chunksOf = (count: number): Buffer[] => Array.from({ length: count * 4 }, () => chunk);

/** Text and large pieces in turn, read anew each time. */
const file = (...parts: readonly (string | readonly Buffer[])[]): Readable =>
  Readable.from(parts.flatMap((part) => (typeof part === 'string' ? [Buffer.from(part)] : part)));

const setUp =
  'CREATE TABLE public.t (a integer, v text);\nALTER TABLE public.t ALTER v SET STORAGE EXTERNAL;\n';
/** An integer and `count` rows of 1 MiB. */
const rowsOf = (count: number): (string | Buffer[])[] =>
  Array.from({ length: count }, (_, n) => [`${n === 0 ? '' : ','}(${n}, '`, chunksOf(1), "')"]).flat();

const large: Record<string, readonly (string | readonly Buffer[])[]> = {
  'INSERT of many rows': [setUp, 'INSERT INTO public.t VALUES ', ...rowsOf(megabytes), ';\n'],
  'INSERT of one value': [
    setUp,
    "INSERT INTO public.t VALUES (1, '",
    chunksOf(Math.min(megabytes, 500)),
    "');\n",
  ],
  'row of a COPY': [
    setUp,
    'COPY public.t (a, v) FROM stdin;\n1\t',
    chunksOf(Math.min(megabytes, 1000)),
    '\n\\.\n',
  ],
  lowrite: [
    setUp,
    "SELECT pg_catalog.lo_create('16400');\nBEGIN;\nSELECT pg_catalog.lo_open('16400', 131072);\nSELECT pg_catalog.lowrite(0, '",
    chunksOf(Math.min(megabytes, 500)),
    "');\nSELECT pg_catalog.lo_close(0);\nCOMMIT;\n",
  ],
};

test.each(Object.entries(large))(
  '%s goes through in flat memory',
  { timeout: 600_000 },
  async (name, parts) => {
    const database = await testDatabase('large');
    const before = process.memoryUsage().arrayBuffers;
    let peak = 0;
    const look = (): void => {
      peak = Math.max(peak, process.memoryUsage().arrayBuffers - before);
    };
    const timer = setInterval(look, 5);
    const found = await inspectForeignDump(file(...parts));
    const result = await withSession(database.url, (session) =>
      runForeignDump(session, file(...parts), {
        signal: new AbortController().signal,
        report: { itemAdvanced: look, itemDone: look },
        long: found.long,
      }),
    );
    clearInterval(timer);
    expect(result.statements).toBe(found.statements);
    expect(peak / megabyte, name).toBeLessThan(32);
    const [sent] = await database.query<{ megabytes: number }>(
      `SELECT ((SELECT coalesce(sum(octet_length(v)), 0) FROM public.t) +
      (SELECT coalesce(sum(octet_length(lo_get(oid))), 0) FROM pg_largeobject_metadata))::int8 / ${megabyte} AS megabytes`,
    );
    expect(Number(sent?.megabytes)).toBeGreaterThanOrEqual(Math.min(megabytes, 500));
  },
);

const refusal = (parts: readonly (string | readonly Buffer[])[]): Promise<SyncError> =>
  failure(inspectForeignDump(file(...parts)));

test('what no server takes is refused before anything is run', async () => {
  expect(serverLimits).toEqual({ serverBytesMax: 2 ** 30 - 256, statementBytesMax: 2 ** 28 });
  expect(Object.values(serverLimits).map(sizeOf)).toEqual(['1 GiB', '256 MiB']);
  // To read a gigabyte takes seconds, and a server none: smaller limits are kept the same way.
  const limits = { serverBytesMax: 12 * megabyte, statementBytesMax: 8 * megabyte };
  const inspected = (...parts: readonly (string | readonly Buffer[])[]): Promise<unknown> =>
    inspectForeignDump(file(...parts), { limits });
  const row = (count: number): Promise<unknown> =>
    inspected(setUp, 'COPY public.t (a, v) FROM stdin;\n1\tx\n2\t', chunksOf(count), '\n\\.\n');
  await row(11);
  expect((await failure(row(13))).message).toBe(
    'Line 5, COPY public.t: a row has more than 12 MiB, which no server reads.',
  );
  const insert = (count: number): Promise<unknown> =>
    inspected(setUp, "INSERT INTO public.t VALUES (1, '", chunksOf(count), "');\n");
  await insert(11);
  expect((await failure(insert(13))).message).toContain(
    'Line 3: INSERT INTO public.t is not accepted: it has more than 12 MiB',
  );
  const comment = (count: number): Promise<unknown> =>
    inspected("COMMENT ON SCHEMA public IS '", chunksOf(count), "';\n");
  await comment(7);
  expect((await failure(comment(9))).message).toContain('it has more than 8 MiB and holds no rows');
});

test('a long statement is looked at like a short one', async () => {
  const more = chunksOf(5);
  const refused = await refusal(["INSERT INTO pg_catalog.pg_authid VALUES ('", more, "');\n"]);
  expect(refused.message).toContain('it writes to a catalogue of the server');
  const call = await refusal(["SELECT pg_catalog.lowrite(0, '", more, "' || pg_read_file('x'));\n"]);
  expect(call.message).toContain('only its own few functions');
  const second = await refusal(["SELECT pg_catalog.lowrite(0, '", more, "'), evil();\n"]);
  expect(second.message).toContain('only its own few functions');
  const computed = await refusal([
    setUp,
    "INSERT INTO public.t VALUES (1, '",
    more,
    "' || pg_read_file('x'));\n",
  ]);
  expect(computed.message).toContain('it computes what it writes');
  const cut = await refusal([setUp, "INSERT INTO public.t VALUES (1, '", more]);
  expect(cut.message).toContain(
    'The file ends inside a string: the statement that begins at line 3 has no end.',
  );
  const bytes = await refusal([
    setUp,
    "INSERT INTO public.t VALUES (1, '",
    more,
    [Buffer.from([0xff])],
    "');\n",
  ]);
  expect(bytes.code).toBe('STORAGE_DUMP_ENCODING');
  const psql = await refusal([setUp, "INSERT INTO public.t VALUES (1, '", more, "') \\gexec\n;"]);
  expect(psql.message).toContain('the psql command \\gexec stands inside a statement');
});
