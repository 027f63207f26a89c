import { SyncError } from '../errors/sync-error.ts';
import type { ImportPlan } from './import-plan.ts';
import type { TargetRights } from './target-rights.ts';

/**
 * Forced row-level security applies to a table's owner too, so the role could not read back, compare, copy or undo
 * what it has loaded. TARGET_PRIVILEGE lists the tables.
 */
export function checkRowSecurity(
  { objects, load, empty, keep }: Pick<ImportPlan, 'objects' | 'load' | 'empty' | 'keep'>,
  rights: TargetRights,
): void {
  if (rights.superuser || rights.bypassesRowSecurity) return;
  const read = new Set([...load, ...empty, ...keep.map(({ table }) => table)].map(({ id }) => id));
  const forced = objects
    .filter(
      ({ kind, partOf, facts }) => kind === 'row security' && read.has(partOf ?? '') && facts.forced === true,
    )
    .map(({ identity }) => identity);
  if (forced.length === 0) return;
  throw new SyncError(
    'TARGET_PRIVILEGE',
    `Row-level security is forced on ${forced.length} table(s), so "${rights.role}" could not ` +
      `read the rows it loads: ${forced.join(', ')}.`,
    {
      details: { objects: forced },
      hint:
        'ALTER ROLE … BYPASSRLS, or leave the row security of these tables out (--leave-out): then ' +
        'nothing hides rows in the target.',
    },
  );
}
