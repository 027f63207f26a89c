import { jobRecords, jobRecordsOf, readJobRecord } from '../journal/records.ts';
import type { JobRecord } from '../journal/records.ts';
import { UndoLooks } from './undo-looks.ts';
import type { UndoLooksInput } from './undo-looks.ts';
import { hasEffect, undoOrder } from './undo-order.ts';
import type { UndoOrder } from './undo-order.ts';

/** How long servers may take to answer somebody who only looks. */
const lookMs = 5_000;
/** The same for a list, which shows what the others have said. */
const lookInListMs = 2_000;

/** What is known of an undo before it is asked for. */
export interface UndoOutlook extends UndoOrder {
  /** What an undo in place would not bring back as it was. */
  readonly lacks: readonly string[];
  /** Why it is no longer possible, a sentence each; none where nothing is known against it. */
  readonly gone: readonly string[];
  /** What else there is to know: what soon will be gone, or could not be looked at. */
  readonly notes: readonly string[];
}

type Deps = Pick<UndoLooksInput, 'config' | 'now' | 'copies'>;

/**
 * Where a job stands among the others of its target, and whether what its undo needs is still there: the kept
 * database, or the safety copy and the database it was taken of, and the search's former collections. Changes
 * nothing, takes no lock, waits for no server longer than a few seconds. Null where the job changed nothing, so there
 * is nothing to undo.
 */
export async function undoOutlook(
  deps: Deps,
  jobId: string,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<UndoOutlook | null> {
  const record = await readJobRecord(deps.config, jobId);
  if (record === null || record.target === null || !hasEffect(record)) return null;
  const all = await jobRecordsOf(deps.config, record.target);
  const looks = new UndoLooks({ ...deps, signal: options.signal, ms: lookMs });
  return outlookOf(looks, record, all);
}

/** The same of many jobs, from one look at the records and one at each server; without those that changed nothing. */
export async function undoOutlooks(
  deps: Deps,
  jobs: readonly { readonly id: string; readonly target: string | null }[],
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<ReadonlyMap<string, UndoOutlook>> {
  const targets = new Set(jobs.map(({ target }) => target));
  const ids = new Set(jobs.map(({ id }) => id));
  if (ids.size === 0) return new Map();
  const records = await jobRecords(deps.config, ({ target }) => target !== null && targets.has(target));
  const looks = new UndoLooks({ ...deps, signal: options.signal, ms: lookInListMs });
  const found = await Promise.all(
    records
      .filter((record) => ids.has(record.id) && hasEffect(record))
      .map(async (record) => {
        const all = records.filter(({ target }) => target === record.target);
        const outlook = await outlookOf(looks, record, all);
        return outlook === null ? [] : [[record.id, outlook] as const];
      }),
  );
  return new Map(found.flat());
}

async function outlookOf(
  looks: UndoLooks,
  record: JobRecord,
  all: readonly JobRecord[],
): Promise<UndoOutlook | null> {
  const { receipt, target } = record;
  if (receipt?.type !== 'receipt' || target === null) return null;
  const order = undoOrder(record, all);
  const lacks = receipt.undoLacks ?? [];
  const found = order.undoneBy === null ? await looks.at(target, receipt, order) : { gone: [], notes: [] };
  return { ...order, lacks, ...found };
}
