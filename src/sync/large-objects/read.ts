import type { Readable } from 'node:stream';
import { privilegeStatements } from '../../catalog/privileges/privilege-statements.ts';
import type { WrittenRows } from '../../dump/copy-table.ts';
import type { ManifestLargeObjects } from '../../dump/manifest.ts';
import { copyOut } from '../../postgres/copy.ts';
import { quoteIdentifier, quoteLiteral } from '../../postgres/identifiers.ts';
import {
  firstChunksSql,
  firstDigest,
  firstFrame,
  laterChunks,
  laterChunksSql,
  laterDigest,
  laterFrame,
  largeObjectRuns,
} from '../../postgres/large-objects/contents.ts';
import type {
  ContentsDigest,
  LargeObjectRun,
  LaterChunks,
  StatementFrame,
} from '../../postgres/large-objects/contents.ts';
import {
  largeObjectPrivileges,
  largeObjectWords,
  propertyDigests,
} from '../../postgres/large-objects/properties.ts';
import type { LargeObjectWords, PropertyDigests } from '../../postgres/large-objects/properties.ts';
import { SyncError } from '../../errors/sync-error.ts';
import type { Session } from '../../postgres/session.ts';
import type { Reporter } from '../../progress/progress.ts';
import { asDigested, sumContents } from './digest.ts';
import type { Spread } from '../../postgres/team.ts';

/** Where large objects go: into a dump, or into another database. Objects come first, then chunks, then the rest. */
export interface LargeObjectSink {
  /** Rows of SQL text to be put into the frame, in statements of any number of rows. */
  readonly rows: (
    target: { readonly part: 'objects' | 'chunks'; readonly owner: string; readonly frame: StatementFrame },
    rows: Readable,
    onWritten: (rows: number, bytes: number) => void,
  ) => Promise<WrittenRows>;
  /** Whole statements. */
  readonly statements: (part: 'privileges' | 'words', statements: readonly string[]) => Promise<void>;
}

export interface ReadOptions {
  readonly signal: AbortSignal;
  readonly report: Reporter;
}

/**
 * Reads every large object of a snapshot with several sessions into a sink, with owner, privileges, comments and
 * labels, and digests them in the same snapshot. Holes are read by the server and do not travel. Memory: two blocks a
 * session, the comments of a thousand objects, one line in a thousand objects and one in 64 MiB of them.
 */
export async function readLargeObjects(
  spread: Spread,
  sink: LargeObjectSink,
  { signal, report }: ReadOptions,
): Promise<ManifestLargeObjects> {
  const name = 'large objects';
  const digests: ContentsDigest[] = [];
  const later: LaterChunks[] = [];
  const roles = new Set<string>();
  let runs: readonly LargeObjectRun[] = [];
  let properties: PropertyDigests | null = null;
  await spread([null], async (session) => {
    runs = await largeObjectRuns(session, { signal });
    properties = await propertyDigests(session, { signal });
  });
  // Two hexadecimal digits a byte.
  const advance = (_rows: number, text: number): void => report.itemAdvanced(name, 0, Math.floor(text / 2));

  await spread(runs, async (session, run, either) => {
    roles.add(run.owner);
    const { rows } = await copy(session, firstChunksSql(run), { part: 'objects', run }, either);
    const digest = await firstDigest(session, run, { signal: either });
    if (rows !== run.objects || digest.objects !== run.objects) {
      throw new SyncError(
        'SOURCE_COPY_FAILED',
        `Large objects ${run.first} to ${run.last} were ${run.objects}; ${rows} were read and ` +
          `${digest.objects} digested, in one snapshot.`,
      );
    }
    report.itemAdvanced(name, rows, 0);
    digests.push(digest);
    later.push(...(await laterChunks(session, run, { signal: either })));
  });
  await spread(later, async (session, chunks, either) => {
    await copy(session, laterChunksSql(chunks), { part: 'chunks', run: chunks.run }, either);
    digests.push(await laterDigest(session, chunks, { signal: either }));
  });
  await spread(runs, async (session, run, either) => {
    const items = await largeObjectPrivileges(session, run, { signal: either });
    for (const role of items.flatMap(({ grantee, grantor }) => [grantee, grantor]))
      if (role !== null) roles.add(role);
    const grants = items.flatMap((item) => privilegeStatements(item, `LARGE OBJECT ${item.oids.join(', ')}`));
    if (grants.length > 0) await sink.statements('privileges', grants);
    const words = (await largeObjectWords(session, run, { signal: either })).map(wordsStatement);
    if (words.length > 0) await sink.statements('words', words);
  });
  if (properties === null) throw new SyncError('INTERNAL', 'Large objects without a digest.');
  return {
    content: 'rows',
    ...asDigested(sumContents(digests), properties),
    roles: [...roles].sort(),
  };

  function copy(
    session: Session,
    sql: string,
    { part, run }: { readonly part: 'objects' | 'chunks'; readonly run: LargeObjectRun },
    either: AbortSignal,
  ): Promise<WrittenRows> {
    const frame = part === 'objects' ? firstFrame : laterFrame;
    return copyOut(session, sql, { signal: either }, (rows) =>
      sink.rows({ part, owner: run.owner, frame }, rows, advance),
    );
  }
}

function wordsStatement({ oid, provider, text }: LargeObjectWords): string {
  return provider === null
    ? `COMMENT ON LARGE OBJECT ${oid} IS ${quoteLiteral(text)};`
    : `SECURITY LABEL FOR ${quoteIdentifier(provider)} ON LARGE OBJECT ${oid} IS ${quoteLiteral(text)};`;
}
