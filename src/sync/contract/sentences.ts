import { leavesObjects } from '../../plan/modes.ts';
import { counted, durationInWords } from '../../progress/words.ts';
import { exceptions } from './exceptions.ts';
import type { ChangedRows, Receipt, VerifyReceipt } from './receipts.ts';

/** What is true now that a job is done, one sentence for each kind (requests.ts); the receipt has the rest. */
export const sentences = {
  export: ({ source, rows, dump }: Receipt): string =>
    `${source ?? ''} is written to the dump ${dump?.dumpId ?? ''}: ${counted(rows, 'row')}.`,
  import: (receipt: Receipt): string => `${receipt.target ?? ''} now equals the dump: ${extent(receipt)}.`,
  sync: (receipt: Receipt): string =>
    leavesObjects(receipt.mode)
      ? mergeSentence(receipt)
      : `${receipt.target ?? ''} now equals ${receipt.source ?? ''}: ${extent(receipt)}.`,
  typesense: ({ target, collections }: Receipt): string => {
    const documents = collections.reduce((sum, one) => sum + one.documents, 0);
    const stayed = collections.every(({ unchanged }) => unchanged === true);
    return stayed && collections.length > 0
      ? `The search of ${target ?? ''} equals its database already: ${counted(documents, 'document')}.`
      : `The search of ${target ?? ''} is rebuilt: ${counted(documents, 'document')}.`;
  },
  rollback: ({ target }: Receipt): string => `${target ?? ''} is back to its previous state.`,
  rehearsal: ({ source, target, dump, rows, tables, seconds }: Receipt): string =>
    `The dump ${dump?.dumpId ?? ''} of ${source ?? ''} is proved restorable, in a database of its own on the ` +
    `server of ${target ?? ''}: ${counted(tables.length, 'table')}, ${counted(rows, 'row')}, in ${durationInWords(seconds)}.`,
  verify: ({ equal, left, right, differences, notCompared }: VerifyReceipt): string => {
    if (!equal) return `${left} and ${right} differ: ${counted(differences.length, 'difference')}.`;
    const but =
      notCompared.length === 0 ? '' : ' in everything that was compared; the receipt lists what was not';
    return `${left} equals ${right}${but}.`;
  },
};

/** Rows alone, and how many of them had to be touched. */
function mergeSentence(receipt: Receipt): string {
  const { inserted, updated, deleted } = changedRows(receipt.tables);
  const numbers =
    inserted + updated + deleted === 0
      ? 'nothing had to be changed'
      : `${inserted} inserted, ${updated} updated, ${deleted} deleted`;
  return `The rows of ${receipt.target ?? ''} now equal those of ${receipt.source ?? ''}: ${numbers}; ${extent(receipt)}.`;
}

/** Of all tables together. */
function changedRows(tables: Receipt['tables']): ChangedRows {
  const sum = (of: keyof ChangedRows): number =>
    tables.reduce((total, { changed }) => total + (changed?.[of] ?? 0), 0);
  return { inserted: sum('inserted'), updated: sum('updated'), deleted: sum('deleted') };
}

/** How much, and what of the target does not equal what it was made from. */
function extent(receipt: Receipt): string {
  return `${counted(receipt.rows, 'row')}${exceptions(receipt)}`;
}
