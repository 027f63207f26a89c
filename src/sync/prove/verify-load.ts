import type { ManifestSequence, ManifestTable } from '../../dump/manifest.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { shareOut } from '../../lib/share-out.ts';
import { digestGroup, digestHex, digestsEqual, sumDigests, tableDigests } from '../../postgres/digest.ts';
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
    groupsOf(bySize, sessions.length),
    sessions,
    async (session, group, signal) => {
      await digestsOf(session, group, { ...options, signal }, (index, digest) =>
        digests.set(group[index]?.id ?? '', digest),
      );
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

/** What an abort may leave behind for the server to finish. */
const smallBytes = 1024 * 1024;
const groupMax = 50;

/** Small tables go together, so that each costs no round trip; each session gets several such groups. */
function groupsOf(bySize: readonly ManifestTable[], sessions: number): readonly (readonly ManifestTable[])[] {
  const countMax = Math.min(groupMax, Math.ceil(bySize.length / (sessions * 4)));
  const groups: ManifestTable[][] = [];
  let bytes = 0;
  for (const table of bySize) {
    const group = groups.at(-1);
    bytes += table.rawBytes;
    if (group !== undefined && group.length < countMax && bytes <= smallBytes) group.push(table);
    else {
      groups.push([table]);
      bytes = table.rawBytes;
    }
  }
  return groups;
}

async function digestsOf(
  session: Session,
  tables: readonly ManifestTable[],
  { report, signal }: VerifyOptions,
  onDigest: (index: number, digest: TableDigest) => void,
): Promise<void> {
  const started = (table: ManifestTable | undefined): void => {
    if (table !== undefined)
      report.itemStarted(tableName(table), { rows: table.rows, bytes: table.rawBytes });
  };
  let at = 0;
  started(tables[0]);
  try {
    await tableDigests(
      session,
      tables,
      (index, digest) => {
        onDigest(index, digest);
        const name = tableName(tables[index] ?? { schema: '', name: '' });
        report.itemAdvanced(name, digest.rows, tables[index]?.rawBytes ?? 0);
        report.itemDone(name);
        at = index + 1;
        started(tables[at]);
      },
      { signal },
    );
  } catch (error) {
    signal.throwIfAborted();
    const name = tableName(tables[at] ?? { schema: '', name: '' });
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
