import type { MaskingTold } from '../../masks/told.ts';
import { counted } from '../../progress/words.ts';
import type { Defused, Receipt } from './receipts.ts';

type Told = Pick<Receipt, 'tables' | 'leftOut' | 'warnings'> &
  Partial<Pick<Receipt, 'largeObjects' | 'stayed' | 'masking' | 'defused'>>;

/** What of a target does not equal what it was made from, or may not: words that follow "equals". */
export function exceptions({
  tables,
  leftOut,
  warnings,
  largeObjects,
  stayed = [],
  masking,
  defused,
}: Told): string {
  const of = (content: 'kept' | 'empty'): number => tables.filter((one) => one.content === content).length;
  const [kept, empty] = [of('kept'), of('empty')];
  return [
    ...maskingWords(masking ?? null),
    ...defusedWords(defused ?? null),
    ...(kept === 0 ? [] : [`; the rows of ${counted(kept, 'table')} are kept`]),
    ...(empty === 0 ? [] : [`; ${counted(empty, 'table')} emptied`]),
    ...(largeObjects?.content === 'kept' ? ['; large objects are kept'] : []),
    ...(largeObjects?.content === 'empty' ? ['; there are no large objects'] : []),
    ...(leftOut.length === 0 ? [] : [`; ${counted(leftOut.length, 'object')} left out`]),
    ...(stayed.length === 0 ? [] : [`; ${counted(stayed.length, 'object')} of the target stayed`]),
    ...(warnings.length === 0 ? [] : [`; ${counted(warnings.length, 'warning')}`]),
  ].join('');
}

/** What was proved was changed afterwards, as the target's owner wants it. */
function defusedWords(defused: Defused | null): readonly string[] {
  if (defused === null) return [];
  const [changed, ran] = [defused.tables.length, defused.statements.length];
  return [`; ${counted(changed, 'table')} then changed by ${counted(ran, 'statement')} of its own`];
}

function maskingWords(masking: MaskingTold | null): readonly string[] {
  if (masking === null) return [];
  const { columns, filtered } = masking;
  return [
    ...(columns.length === 0 ? [] : [`; ${counted(columns.length, 'column')} masked`]),
    ...(filtered.length === 0 ? [] : [`; of ${counted(filtered.length, 'table')} only some rows`]),
  ];
}
