import type { CatalogModel } from '../catalog/model.ts';
import { displayName } from '../catalog/display-name.ts';
import type { ImportPlan } from './import-plan.ts';
import type { TargetRights } from './target-rights.ts';

/**
 * What a subscriber of the target must know before it is replaced in place: logical replication does not tell that
 * tables are dropped. Empty without a replication slot.
 */
export function followerWarnings(
  target: Pick<CatalogModel, 'objects'>,
  { slots }: TargetRights,
  { objects, staying }: Pick<ImportPlan, 'objects' | 'staying'>,
): readonly string[] {
  if (slots.length === 0) return [];
  const names = slots.map(displayName).join(', ');
  const made = new Set(objects.filter(({ kind }) => kind === 'publication').map(({ name }) => name));
  const gone = target.objects
    .filter(({ kind, id, name }) => kind === 'publication' && !staying.has(id) && !made.has(name))
    .map(({ name }) => displayName(name));
  return [
    `A subscriber of replication slot ${names} receives the new rows, but not the removal of the ` +
      'old ones: a subscription stops at the first duplicate key, and the slot holds back WAL, ' +
      'until its tables are emptied there (TRUNCATE).',
    ...(gone.length === 0
      ? []
      : [
          `The source has no publication ${gone.join(', ')}: a replication slot that uses it cannot go ` +
            'on. Drop the slot, or create the publication in the source.',
        ]),
  ];
}
