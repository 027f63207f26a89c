import type { CatalogModel } from '../../catalog/model.ts';
import { idFromTarget } from '../../plan/from-target.ts';
import type { ImportPlan } from '../../plan/import-plan.ts';
import type { RunnableObject } from '../../plan/runnable-object.ts';
import type { Session } from '../../postgres/session.ts';
import { runObjectsInOrder } from '../load/run-in-order.ts';
import { inOrderOfPasses } from '../load/run-objects.ts';
import { notesOfOwnWays, readInventory, verifyInventory } from '../prove/verify-inventory.ts';

export interface RehearseInput {
  readonly plan: ImportPlan;
  /** The target as it is. */
  readonly model: CatalogModel;
  /** Ids of what is made in the last moment. */
  readonly late: ReadonlySet<string>;
  readonly sourceVersionNum: number;
}

/**
 * Makes what is otherwise made in the last moment, among the staged objects, where nobody waits: tables that stay are
 * stood for by empty ones with the same definitions. Then all definitions are compared with the source's, as after any
 * other load, and what was made is taken back. So the last moment has nothing to prove but that nobody has changed
 * anything since. Runs while the staged schemas have the live ones' names. MISMATCH_TABLES. Not rehearsed: keys to
 * tables outside, whose writers would wait; keys of new rows to tables that stay, which have none here; and what lies
 * outside and is put back as it was.
 */
export async function rehearse(
  session: Session,
  { plan, model, late, sourceVersionNum }: RehearseInput,
  options: { readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const stands = standIns(plan, model);
  const left = notRehearsed(plan, late);
  const made = plan.objects.filter(({ id }) => late.has(id) && !left.has(id));
  await session.execute('SAVEPOINT rehearsal', options);
  await runObjectsInOrder(session, inOrderOfSections(stands), options);
  await runObjectsInOrder(session, inOrderOfSections(made), options);
  const read = await readInventory(session, plan, 'target', options);
  const standing = new Set(stands.map(({ identity }) => identity));
  const compared = {
    ...read,
    objects: read.objects.filter(({ identity, outside }) => outside === undefined && !standing.has(identity)),
  };
  const inventory = {
    ...plan,
    objects: plan.objects.filter(({ id }) => !left.has(id)),
    sourceVersionNum,
    othersUnderSource: [],
  };
  const notes = notesOfOwnWays(await verifyInventory(() => Promise.resolve(compared), inventory));
  await session.execute('ROLLBACK TO SAVEPOINT rehearsal; RELEASE SAVEPOINT rehearsal', options);
  return notes;
}

export const inOrderOfSections = (objects: readonly RunnableObject[]): readonly RunnableObject[] => [
  ...objects.filter(({ section }) => section === 'pre-data'),
  ...inOrderOfPasses(objects.filter(({ section }) => section === 'post-data')),
];

/** The target's tables that stay, with their sequences and parts, as they are there. */
function standIns({ standing, staying }: ImportPlan, { objects }: CatalogModel): readonly RunnableObject[] {
  return objects
    .filter(({ id, kind, needs = [] }) => {
      const leadsOutside = kind === 'foreign key' && needs.some((need) => need.kind === 'table');
      return standing.has(id) && staying.has(id) && kind !== 'publication table' && !leadsOutside;
    })
    .map(({ dropSql: _dropSql, outside: _outside, ...object }) => object);
}

function notRehearsed(
  { objects, fromTarget, schemas, unmoved, standing }: ImportPlan,
  late: ReadonlySet<string>,
): ReadonlySet<string> {
  const inside = new Set(schemas?.target ?? []);
  const there = new Set([...unmoved, ...[...standing].map(idFromTarget)]);
  const left = new Set<string>();
  for (const { id, kind, schema, partOf, needs = [], reference, facts } of objects) {
    if (!late.has(id)) continue;
    const isKey = kind === 'foreign key';
    const leads = isKey && needs.some((need) => need.kind === 'table');
    const ofNewRows =
      isKey && reference !== undefined && there.has(reference.referenced) && !there.has(reference.table);
    const isOutside = fromTarget.has(id) && !inside.has(schema ?? '');
    if (
      leads ||
      ofNewRows ||
      isOutside ||
      facts.forRole !== undefined ||
      (partOf !== null && left.has(partOf))
    )
      left.add(id);
  }
  return left;
}
