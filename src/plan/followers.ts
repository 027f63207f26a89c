import type { CatalogModel } from '../catalog/model.ts';
import { displayName } from '../catalog/display-name.ts';
import type { ImportPlan } from './import-plan.ts';
import type { TargetRights } from './target-rights.ts';

/**
 * What somebody who follows the target through a logical replication slot has to know before it is replaced in place:
 * no stream of changes tells of tables that are dropped. Nothing where there is no slot.
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
    `Whoever follows the target through replication slot ${names} is told of the new rows, and not that the old ones are gone: a subscription stops at the first duplicate key, and the slot holds back WAL, until its tables are emptied there (TRUNCATE).`,
    ...(gone.length === 0
      ? []
      : [
          `The source has no publication ${gone.join(', ')}: a slot that is read through it cannot go on. Drop the slot, or create the publication in the source.`,
        ]),
  ];
}
