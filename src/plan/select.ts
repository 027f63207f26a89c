import { isOfLargeObjects, largeObjectsId } from '../catalog/large-objects/large-objects.ts';
import type { CatalogModel, CatalogObject, CatalogTable } from '../catalog/model.ts';
import { unsupportedText } from '../catalog/unsupported/unsupported.ts';
import { largeObjectPolicy } from '../environments/table-policy.ts';
import type { TablePolicy, TablePolicyRule } from '../environments/table-policy.ts';
import { SyncError } from '../errors/sync-error.ts';
import { excludedTables } from './outgoing-keys.ts';
import type { OutgoingKeys } from './outgoing-keys.ts';
import { exclude, tablePolicies } from './table-policies.ts';
import { isExcluded, without, withoutUnsupported } from './without.ts';

export interface SelectedTable extends CatalogTable {
  readonly policy: TablePolicy;
}

/** The part of a database that takes part in a run. */
export interface Selection {
  readonly objects: readonly CatalogObject[];
  readonly tables: readonly SelectedTable[];
  /** Foreign keys that are left out because a policy excludes the table they refer to; a target may have that table. */
  readonly outgoing: OutgoingKeys<CatalogObject>;
  /** Whether the large objects are read. */
  readonly largeObjects: boolean;
  /** Identities of what the options leave out, with everything that goes with it. */
  readonly named: readonly string[];
  /** One sentence for each object that a policy leaves out, or that is left out because it holds a secret. */
  readonly leftOut: readonly string[];
}

export interface SelectOptions {
  readonly rules: readonly TablePolicyRule[];
  /** Entries of `leaveOut` that apply to a dump only if the named object cannot be copied. */
  readonly leaveOut: readonly string[];
  /** The same, but all that they name stays out. */
  readonly omit?: readonly string[] | undefined;
}

/**
 * Applies table policies to a catalogue, and what the options leave out. Throws SOURCE_OBJECT_UNSUPPORTED naming
 * every other object that cannot be carried, and every view, function or other object that would be broken because it
 * needs an excluded table; CONFLICT_LEFT_OUT and USAGE_INVALID as `leaveOut` does.
 */
export function select(whole: CatalogModel, { rules, leaveOut, omit = [] }: SelectOptions): Selection {
  const omitted = without(whole, omit);
  const { model, leftOut } = withoutUnsupported(omitted.model, leaveOut);
  const policies = tablePolicies(model.objects, rules);
  const excluded = new Set([...policies].filter(([, policy]) => policy === 'exclude').map(([id]) => id));
  const { out, outgoing, leftOut: leadingOut, broken } = exclude(model.objects, excluded);
  refuseUnsupported(model, out);
  if (broken.length > 0) {
    throw new SyncError(
      'SOURCE_OBJECT_UNSUPPORTED',
      `${broken.length} object(s) need a table that the policy excludes: ${broken.join(', ')}.`,
      {
        details: { objects: broken },
        hint: 'Exclude less, or use schemaOnly for those tables: their definition is carried, their rows are not.',
      },
    );
  }
  const holdsObjects = ({ objects }: CatalogModel): boolean =>
    objects.some(({ id }) => id === largeObjectsId);
  const largeObjects = largeObjectPolicy(rules) === 'sync' && holdsObjects(whole) === holdsObjects(model);
  return {
    objects: model.objects.filter(
      (object) => !out.has(object.id) && (largeObjects || !isOfLargeObjects(object)),
    ),
    tables: model.tables
      .filter(({ id }) => !out.has(id))
      .map((table) => ({ ...table, policy: policies.get(table.id) ?? 'sync' })),
    outgoing: {
      objects: outgoing,
      tables: outgoing.length === 0 ? [] : excludedTables(model.objects, excluded),
    },
    largeObjects,
    named: [...omitted.leftOut, ...leftOut],
    leftOut: [
      ...leadingOut,
      ...model.withheld.map(
        ({ identity }) =>
          `${identity} is left out: objects that hold secrets are copied only when asked for (sync.secrets).`,
      ),
    ],
  };
}

function refuseUnsupported(model: CatalogModel, out: ReadonlySet<string>): void {
  const remaining = model.unsupported.filter((object) => !isExcluded(object, out)).map(unsupportedText);
  if (remaining.length === 0) return;
  throw new SyncError(
    'SOURCE_OBJECT_UNSUPPORTED',
    `${remaining.length} object(s) cannot be carried: ${remaining.join('; ')}.`,
    {
      details: { objects: remaining },
    },
  );
}
