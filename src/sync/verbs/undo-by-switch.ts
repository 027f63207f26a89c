import { SyncError } from '../../errors/sync-error.ts';
import type { Run } from '../contract/run.ts';
import type { ReturnedRows } from '../kept/return-rows.ts';
import { makeReceipt } from './make-receipt.ts';
import { returnKept, swapBack } from '../replace/return-kept.ts';
import { environmentsOn } from '../ends/in-use.ts';
import { keptUntil } from '../ends/kept-until.ts';
import type { Maintenance } from '../ends/maintenance.ts';
import { markedDatabases, ownDatabaseName } from '../ends/marker.ts';
import type { MarkedDatabase } from '../ends/marker.ts';
import { readTarget } from '../ends/read-target.ts';
import { databaseIdentity, findDatabase } from '../ends/target-facts.ts';
import { keepsLargeObjects, peoplesTables } from '../kept/undo-tables.ts';
import { isUnsettled } from '../contract/unsettled.ts';
import type { CollectionReceipt, Receipt } from '../contract/receipts.ts';
import type { OpenTarget } from '../ends/opened-target.ts';
import { aliasGoals, searchBack } from './undo-search.ts';

/** What an undo by switch is told. */
interface SwitchBack {
  readonly target: OpenTarget;
  /** Of the job that is undone. */
  readonly receipt: Receipt;
  /** The database that it kept. */
  readonly kept: string;
  /** What the search will show. */
  readonly collections: readonly CollectionReceipt[];
}

/**
 * Makes the kept database live again, with the rows that people wrote since, then moves the aliases back; if they
 * cannot move, the database goes forward again. Errors: CONFLICT_UNDO_GONE, TARGET_PRIVILEGE, those of `returnKept`.
 */
export async function switchBack(run: Run, undo: SwitchBack): Promise<Partial<Receipt>> {
  const { target, receipt, kept } = undo;
  const { environment, maintenance, facts } = target;
  if (maintenance === null)
    throw new SyncError(
      'TARGET_PRIVILEGE',
      'This role may not connect to any other database, so it cannot rename this one.',
    );
  const marked = await stillKept(run, maintenance, undo);
  const keepAs = ownDatabaseName(facts.name, 'undone', run.attempt);
  const outcome = {
    mode: 'replace',
    modeReason: `the database kept by job ${receipt.jobId} is live again`,
    keptDatabase: keepAs,
  } as const;
  const swap = {
    live: facts.name,
    next: kept,
    comment: marked.marker.comment,
    keepAs,
    jobId: run.id,
    now: run.now(),
    keepUntil: await keptUntil(maintenance, run.config.sync.keepDatabaseHours),
  };
  const live = await readTarget(run, environment);
  const tables = peoplesTables(run, receipt, live);
  const largeObjects = keepsLargeObjects(run, receipt);
  const beforeSwap = async (rows: ReturnedRows): Promise<void> => {
    run.report.step('switch', `Making "${kept}" live as "${facts.name}" again`);
    await journalSwitch(run, undo, marked, { ...outcome, ...provedOf(rows) });
  };
  const back = { environment, swap, tables, largeObjects, beforeSwap };
  const rows = await returnKept(run, maintenance, back).catch((error: unknown) => {
    if (isUnsettled(error)) run.journal.leaveOpen();
    throw error;
  });
  try {
    await searchBack(run, target, receipt);
  } catch (error) {
    // The aliases are unchanged, so the database goes forward again: both show the same state.
    const { at, until } = marked.marker;
    const before = { jobId: receipt.jobId, now: at, keepUntil: until };
    const forward = { ...swap, next: keepAs, keepAs: kept, ...before };
    await swapBack(run, maintenance, { environment, swap: forward, tables, largeObjects }, error);
  }
  return {
    ...outcome,
    ...provedOf(rows),
    rows: rows.tables.reduce((sum, table) => sum + table.rows, 0),
    warnings: warningsOf(marked, rows),
  };
}

/** The kept database, if it is there and nobody's. CONFLICT_UNDO_GONE. */
async function stillKept(
  run: Run,
  maintenance: Maintenance,
  { target: { facts }, receipt, kept }: SwitchBack,
): Promise<MarkedDatabase> {
  const details = { backup: receipt.backup?.dumpId ?? null };
  const marked = (await markedDatabases(maintenance, facts.name, {})).own.find(
    ({ name, marker }) => name === kept && marker.jobId === receipt.jobId,
  );
  if (marked === undefined || (await findDatabase(maintenance, kept, {})) === null)
    throw new SyncError(
      'CONFLICT_UNDO_GONE',
      `The database "${kept}" kept by job "${receipt.jobId}" is gone.`,
      { details },
    );
  const namedBy = environmentsOn(run.config.environments, kept);
  if (namedBy.length > 0)
    throw new SyncError(
      'CONFLICT_UNDO_GONE',
      `The database "${kept}" kept by job "${receipt.jobId}" now belongs to the environment ` +
        `"${namedBy.join('", "')}", which would lose it. Nothing was undone.`,
      { details },
    );
  return marked;
}

async function journalSwitch(
  run: Run,
  { target, receipt, collections }: SwitchBack,
  { oid }: MarkedDatabase,
  outcome: Partial<Receipt>,
): Promise<void> {
  await run.journal.write({
    entry: 'switch',
    shadowOid: oid,
    database: databaseIdentity(target.facts),
    aliases: aliasGoals(target, receipt),
    receipt: makeReceipt(run, 'rollback', run.now(), {
      target: target.environment.name,
      ...outcome,
      collections,
    }),
    undoes: receipt.jobId,
  });
}

function provedOf({ tables, largeObjects }: ReturnedRows): Pick<Receipt, 'tables' | 'largeObjects'> {
  return { tables, largeObjects };
}

function warningsOf(
  { name, allowsConnections, marker }: MarkedDatabase,
  { returned, notes }: ReturnedRows,
): readonly string[] {
  return [
    ...(allowsConnections && marker.opened !== true
      ? [
          `Somebody had opened the kept database "${name}" to connections; what was ` +
            'written there since then is live now.',
        ]
      : []),
    ...returned.map((table) => `The rows written since then into ${table} were carried over.`),
    ...notes,
  ];
}
