import { Readable } from 'node:stream';
import { parseDatabaseUrl } from '../../src/environments/database-url.ts';
import { Database } from '../../src/postgres/database.ts';
import type { Session } from '../../src/postgres/session.ts';
import { inspectForeignDump } from '../../src/plain-dump/inspect.ts';
import { runForeignDump } from '../../src/sync/foreign/run-foreign-dump.ts';
import type { ForeignResult, RunForeignOptions } from '../../src/sync/foreign/run-foreign-dump.ts';
import { pgDump } from '../support/client-tools.ts';

const report = { itemAdvanced: (): void => {}, itemDone: (): void => {} };

/** A file, in pieces that are cut anywhere. */
export function bytesOf(dump: string | Buffer, size = 1000): Readable {
  const bytes = Buffer.from(dump as string);
  const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );
  return Readable.from(pieces);
}

export async function withSession<T>(url: string, work: (session: Session) => Promise<T>): Promise<T> {
  await using database = new Database({
    url: parseDatabaseUrl('TEST_URL', url),
    side: 'target',
    access: 'write',
    applicationName: 'multiboard-sync test',
  });
  return await database.withSession(work);
}

/** Inspects a file and runs it in an empty database, as an import does. */
export async function restoredFrom(
  url: string,
  dump: string | Buffer,
  options: Partial<RunForeignOptions> = {},
): Promise<ForeignResult> {
  const seen = await inspectForeignDump(bytesOf(dump, 65_536), options);
  const result = await withSession(url, (session) =>
    runForeignDump(session, bytesOf(dump), {
      signal: new AbortController().signal,
      report,
      long: seen.long,
      ...options,
    }),
  );
  if (seen.statements < result.statements) throw new Error('More was run than was seen.');
  return result;
}

/** What pg_dump says about a database. */
export async function dumped(url: string, args: readonly string[] = []): Promise<string> {
  const { stdout, stderr, code } = await pgDump(url, ['--restrict-key=k', ...args]);
  if (code !== 0) throw new Error(stderr);
  return stdout;
}
