import { SyncError } from '../errors/sync-error.ts';
import type { Receipt, VerifyReceipt } from '../sync/contract/receipts.ts';
import type { Context } from './context.ts';
import type { Outcome } from './outcome.ts';
import { renderReceipt } from './render/receipt.ts';

/** A receipt as the result of a command. Two environments that differ are a result with an error (exit code 20). */
export function receiptOutcome(
  { colour, program }: Pick<Context, 'colour' | 'program'>,
  receipt: Receipt | VerifyReceipt,
): Outcome {
  const text = renderReceipt(receipt, { color: colour.data, program });
  const { type: _, ...fields } = receipt;
  if (receipt.type === 'receipt') {
    // An export's result is its dump, field by field.
    return { fields: receipt.kind === 'export' ? { ...fields, ...receipt.dump } : fields, text };
  }
  if (receipt.equal) return { fields, text };
  const { left, right, tables, differences } = receipt;
  const different = [
    ...new Set([
      ...tables.filter(({ equal }) => !equal).map(({ table }) => table),
      ...differences.map(({ name }) => name),
    ]),
  ];
  return {
    fields,
    text,
    error: new SyncError(
      'MISMATCH_ENVIRONMENTS',
      `${left} and ${right} differ in ${different.length === 1 ? 'one thing' : `${different.length} things`}: ${listed(different)}.`,
      { details: { differing: different } },
    ),
  };
}

const namesShown = 20;

function listed(names: readonly string[]): string {
  const shown = names.slice(0, namesShown).join(', ');
  return names.length > namesShown ? `${shown} and ${names.length - namesShown} more` : shown;
}
