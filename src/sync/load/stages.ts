import type { ImportPlan } from '../../plan/import-plan.ts';
import type { RunnableObject } from '../../plan/runnable-object.ts';
import type { NamesOf } from './schema-naming.ts';

/** Objects whose statements are written in the same schema names. */
export interface Stage {
  readonly end: NamesOf;
  readonly objects: readonly RunnableObject[];
}

/** Kinds that come last: refreshes read through functions, and event triggers fire for everything made after them. */
const last = new Set(['refresh', 'event trigger']);

/**
 * Splits objects by the schema names in which they are written: first the dump's objects, then those the target keeps
 * (they may need the dump's), then the dump's last ones and its foreign keys to tables that the target keeps. There
 * is one stage if both ends use the same names.
 */
export function stagesOf(
  objects: readonly RunnableObject[],
  { names, fromTarget }: Pick<ImportPlan, 'names' | 'fromTarget'>,
): readonly Stage[] {
  if (names === null) return [{ end: 'source', objects }];
  const leadsToTarget = ({ id, dependsOn }: RunnableObject): boolean =>
    !fromTarget.has(id) && dependsOn.some((need) => fromTarget.has(need));
  const lastIds = new Set(
    objects.filter((object) => last.has(object.kind) || leadsToTarget(object)).map(({ id }) => id),
  );
  const isLast = ({ id, partOf }: RunnableObject): boolean =>
    !fromTarget.has(id) && (lastIds.has(id) || lastIds.has(partOf ?? ''));
  const stages: readonly Stage[] = [
    { end: 'source', objects: objects.filter((object) => !fromTarget.has(object.id) && !isLast(object)) },
    { end: 'target', objects: objects.filter(({ id }) => fromTarget.has(id)) },
    { end: 'source', objects: objects.filter(isLast) },
  ];
  return stages.filter((stage) => stage.objects.length > 0);
}
