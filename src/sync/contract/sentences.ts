import { counted } from '../../progress/words.ts';
import { exceptions } from './exceptions.ts';
import type { Receipt, VerifyReceipt } from './receipts.ts';

/** What is true now that a job is done, one sentence for each kind (requests.ts); the receipt has the rest. */
export const sentences = {
  export: ({ source, rows, dump }: Receipt): string =>
    `${source ?? ''} is written to the dump ${dump?.dumpId ?? ''}: ${counted(rows, 'row')}.`,
  import: (receipt: Receipt): string => `${receipt.target ?? ''} now equals the dump: ${extent(receipt)}.`,
  sync: (receipt: Receipt): string =>
    `${receipt.target ?? ''} now equals ${receipt.source ?? ''}: ${extent(receipt)}.`,
  typesense: ({ target, collections }: Receipt): string => {
    const documents = collections.reduce((sum, one) => sum + one.documents, 0);
    return `The search of ${target ?? ''} is rebuilt: ${counted(documents, 'document')}.`;
  },
  rollback: ({ target }: Receipt): string => `${target ?? ''} is back to its previous state.`,
  verify: ({ equal, left, right, differences, notCompared }: VerifyReceipt): string => {
    if (!equal) return `${left} and ${right} differ: ${counted(differences.length, 'difference')}.`;
    const but =
      notCompared.length === 0 ? '' : ' in everything that was compared; the receipt lists what was not';
    return `${left} equals ${right}${but}.`;
  },
};

/** How much, and what of the target does not equal what it was made from. */
function extent(receipt: Receipt): string {
  return `${counted(receipt.rows, 'row')}${exceptions(receipt)}`;
}
