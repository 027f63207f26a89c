import { once } from '../../lib/once.ts';
import type { Run } from '../contract/run.ts';
import type { DumpReceipt, Receipt } from '../contract/receipts.ts';
import type { Imported } from '../contract/import-run.ts';

type Facts = Partial<Omit<Receipt, 'type' | 'jobId' | 'kind' | 'startedAt' | 'finishedAt' | 'seconds'>>;

/** A receipt with what a job has to say; everything else is empty. Step times are filled in by run-job.ts. */
export function makeReceipt(run: Run, kind: Receipt['kind'], startedAt: number, facts: Facts): Receipt {
  const finishedAt = run.now();
  return {
    type: 'receipt',
    jobId: run.id,
    kind,
    source: null,
    target: null,
    mode: null,
    modeReason: null,
    rows: 0,
    tables: [],
    sequences: 0,
    largeObjects: null,
    objects: 0,
    dump: null,
    backup: null,
    keptDatabase: null,
    database: null,
    undoLacks: [],
    collections: [],
    steps: [],
    schemas: null,
    stayed: [],
    masking: facts.dump?.masking ?? null,
    ...facts,
    // Parts of a run say the same of what they share.
    warnings: once(facts.warnings ?? []),
    leftOut: once(facts.leftOut ?? []),
    startedAt,
    finishedAt,
    seconds: (finishedAt - startedAt) / 1000,
  };
}

/** What an import proved, as a receipt says it. */
export function importFacts(imported: Imported, dump: DumpReceipt | null): Facts {
  return {
    mode: imported.choice.mode,
    modeReason: imported.choice.reason,
    rows: imported.tables.reduce((sum, { rows }) => sum + rows, 0),
    tables: [...imported.tables].sort((a, b) => (a.table < b.table ? -1 : 1)),
    sequences: imported.sequences,
    largeObjects: imported.largeObjects,
    objects: imported.objects,
    dump,
    backup: imported.backup,
    keptDatabase: imported.keptDatabase,
    ...(imported.undoSchema === undefined ? {} : { undoSchema: imported.undoSchema }),
    database: imported.database,
    undoLacks: imported.undoLacks,
    defused: imported.defused,
    collections: imported.collections,
    warnings: imported.warnings,
    schemas: imported.schemas,
    leftOut: imported.leftOut,
    stayed: imported.stayed,
  };
}
