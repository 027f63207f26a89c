import { isOfLargeObjects } from '../../catalog/large-objects/large-objects.ts';
import type { CatalogModel } from '../../catalog/model.ts';
import { largeObjectPolicy } from '../../environments/table-policy.ts';
import type { TablePolicyRule } from '../../environments/table-policy.ts';
import { sequenceUsers } from '../../plan/kept-sequences.ts';
import { ofSchemaItself } from '../../plan/schema-itself.ts';
import { isExcluded } from '../../plan/without.ts';
import { exclude, tablePolicies } from '../../plan/table-policies.ts';

export interface VerifyScope {
  /** The model without the tables that a policy excludes from the comparison of rows. */
  readonly model: CatalogModel;
  readonly largeObjects: boolean;
  /** A sentence for each thing that a policy excludes. */
  readonly notCompared: readonly string[];
}

/**
 * The part of a database that a sync under these policies makes equal to another's. Rows of other tables belong to
 * each environment, so differences between them mean nothing. Definitions are compared in any case, except of
 * excluded tables; sequences are compared unless a table with preserved rows uses them.
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
  const itself = ofSchemaItself(model.objects, model.restriction?.schemas ?? []);
  const named = new Map(model.objects.map((object) => [object.id, object.identity]));
  return {
    model: {
      ...model,
      objects: model.objects.filter(
        (object) =>
          !out.has(object.id) &&
          !itself.has(object.id) &&
          !isOfLargeObjects(object) &&
          !(object.kind === 'sequence value' && ownSequences.has(object.partOf ?? '')),
      ),
      tables: model.tables.filter(({ id }) => (policies.get(id) ?? 'sync') === 'sync'),
      unsupported: model.unsupported.filter((object) => !isExcluded(object, out)),
    },
    largeObjects: largeObjects === 'sync',
    notCompared: [
      ...(model.restriction === null
        ? []
        : [
            `all but the schema(s) ${model.restriction.schemas.join(', ')}, and their own owner, grants, comment and ` +
              'default privileges',
          ]),
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
