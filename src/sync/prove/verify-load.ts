import type { ManifestSequence, ManifestTable } from '../../dump/manifest.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { shareOut } from '../../lib/share-out.ts';
import { digestGroup, digestHex, digestsEqual, sumDigests, tableDigest } from '../../postgres/digest.ts';
import type { TableDigest } from '../../postgres/digest.ts';
import type { CallOptions, Queryable, Session } from '../../postgres/session.ts';
import { databaseError } from '../../postgres/sqlstate.ts';
import type { Reporter } from '../../progress/progress.ts';
import type { TableReceipt } from '../contract/receipts.ts';
import { tableName } from '../../lib/table-name.ts';
import { readSequences } from '../kept/sequence-states.ts';

export interface VerifyOptions {
  readonly signal: AbortSignal;
  readonly report: Reporter;
}

/**
 * Compares every loaded table with the digest taken in the source's snapshot. All are compared before the verdict:
 * MISMATCH_TABLES names each one that differs. Reads each table once, in parallel; no row travels.
 */
export async function verifyTables(
  sessions: readonly Session[],
  tables: readonly ManifestTable[],
  options: VerifyOptions,
): Promise<readonly TableReceipt[]> {
  const digests = new Map<string, TableDigest>();
  const bySize = [...tables].sort((a, b) => b.rawBytes - a.rawBytes);
  await shareOut(
    bySize,
    sessions,
    async (session, table, signal) => {
      digests.set(table.id, await digestOf(session, table, { ...options, signal }));
    },
    options.signal,
  );
  const all = compare(tables, digests);
  const different = all.filter(({ equal }) => !equal).map(({ table }) => table);
  if (different.length > 0) {
    throw new SyncError(
      'MISMATCH_TABLES',
      `${different.length} table(s) differ from the source after loading: ${different.join(', ')}.`,
      {
        details: { tables: different },
      },
    );
  }
  return all;
}

async function digestOf(
  session: Session,
  table: ManifestTable,
  options: VerifyOptions,
): Promise<TableDigest> {
  const { report, signal } = options;
  const name = tableName(table);
  report.itemStarted(name, { rows: table.rows, bytes: table.rawBytes });
  try {
    const digest = await tableDigest(session, table, { signal });
    report.itemAdvanced(name, digest.rows, table.rawBytes);
    report.itemDone(name);
    return digest;
  } catch (error) {
    signal.throwIfAborted();
    throw databaseError(error, 'target', `Computing the digest of table ${name}`);
  }
}

function compare(
  tables: readonly ManifestTable[],
  digests: ReadonlyMap<string, TableDigest>,
): readonly TableReceipt[] {
  const groups = new Map<string, ManifestTable[]>();
  for (const table of tables) {
    const group = groups.get(digestGroup(table));
    if (group === undefined) groups.set(digestGroup(table), [table]);
    else group.push(table);
  }
  const equalGroups = new Set(
    [...groups].flatMap(([name, members]) => {
      const found = sumDigests(members.flatMap(({ id }) => digests.get(id) ?? []));
      // A table that the policy empties has no digest in the manifest: it must have no rows.
      const expected = sumDigests(members.flatMap(({ digest }) => digest ?? []));
      return digestsEqual(found, expected) ? [name] : [];
    }),
  );
  return tables.flatMap((table) => {
    const digest = digests.get(table.id);
    if (digest === undefined) return [];
    return {
      table: tableName(table),
      rows: digest.rows,
      content: table.content === 'rows' ? ('source' as const) : ('empty' as const),
      digest: table.digest === null ? null : digestHex(digest),
      equal: equalGroups.has(digestGroup(table)),
    };
  });
}

/** Compares sequences with the plan: value and `is_called`. MISMATCH_TABLES names each that differs. */
export async function verifySequences(
  session: Queryable,
  sequences: readonly ManifestSequence[],
  options: CallOptions,
): Promise<void> {
  const states = await readSequences(session, sequences, options);
  const different = sequences.filter(
    ({ lastValue, isCalled }, index) =>
      states[index]?.lastValue !== lastValue || states[index]?.isCalled !== isCalled,
  );
  if (different.length === 0) return;
  const names = different.map(({ schema, name }) => tableName({ schema, name }));
  throw new SyncError(
    'MISMATCH_TABLES',
    `${names.length} sequence(s) differ from the source after loading: ${names.join(', ')}.`,
    { details: { sequences: names } },
  );
}
