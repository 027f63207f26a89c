import { isOfLargeObjects } from '../../catalog/large-objects/large-objects.ts';
import type { CatalogModel } from '../../catalog/model.ts';
import { largeObjectPolicy } from '../../environments/table-policy.ts';
import type { TablePolicyRule } from '../../environments/table-policy.ts';
import { sequenceUsers } from '../../plan/kept-sequences.ts';
import { isExcluded } from '../../plan/without.ts';
import { exclude, tablePolicies } from '../../plan/table-policies.ts';

export interface VerifyScope {
  /** Without what a policy keeps apart: its `tables` are those whose rows are compared. */
  readonly model: CatalogModel;
  readonly largeObjects: boolean;
  /** A sentence for each thing that a policy keeps apart. */
  readonly notCompared: readonly string[];
}

/**
 * What of a database a sync under these policies makes equal to another's: rows of other tables are each environment's
 * own, so that differences between them mean nothing. Definitions are compared all the same, but for excluded tables;
 * sequences, unless a table whose rows are preserved takes its numbers from them.
 */
export function verifyScope(model: CatalogModel, rules: readonly TablePolicyRule[]): VerifyScope {
  const policies = tablePolicies(model.objects, rules);
  const withPolicy = (policy: string): ReadonlySet<string> =>
    new Set([...policies].filter(([, of]) => of === policy).map(([id]) => id));
  const excluded = withPolicy('exclude');
  const preserved = withPolicy('preserve');
  const { out, outgoing } = exclude(model.objects, excluded);
  const users = sequenceUsers(model.objects, model.sequences);
  const ownSequences = new Set(
    [...users].filter(([, tables]) => [...tables].some((id) => preserved.has(id))).map(([id]) => id),
  );
  const largeObjects = largeObjectPolicy(rules);
  const named = new Map(model.objects.map((object) => [object.id, object.identity]));
  return {
    model: {
      ...model,
      objects: model.objects.filter(
        (object) =>
          !out.has(object.id) &&
          !isOfLargeObjects(object) &&
          !(object.kind === 'sequence value' && ownSequences.has(object.partOf ?? '')),
      ),
      tables: model.tables.filter(({ id }) => (policies.get(id) ?? 'sync') === 'sync'),
      unsupported: model.unsupported.filter((object) => !isExcluded(object, out)),
    },
    largeObjects: largeObjects === 'sync',
    notCompared: [
      ...[...policies]
        .filter(([, policy]) => policy !== 'sync')
        .map(([id, policy]) => {
          const what = policy === 'exclude' ? '' : 'rows of ';
          return `${what}${named.get(id) ?? id}: the policy is ${policy}`;
        })
        .sort(),
      ...outgoing
        .filter(({ kind }) => kind === 'foreign key')
        .map(({ identity }) => `${identity}: it refers to an excluded table`),
      ...(largeObjects === 'sync' || model.largeObjects.count === 0
        ? []
        : [`large objects: the policy is ${largeObjects}`]),
    ],
  };
}
