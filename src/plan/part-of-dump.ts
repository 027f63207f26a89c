import { isOfLargeObjects, largeObjectsId } from '../catalog/large-objects/large-objects.ts';
import { isOfPublicSchema, publicSchema } from '../catalog/schemas/public-schema.ts';
import type { ManifestTable } from '../dump/manifest.ts';
import { largeObjectPolicy } from '../environments/table-policy.ts';
import type { TablePolicy } from '../environments/table-policy.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { ImportPlan, ImportPlanInput } from './import-plan.ts';
import type { Offer } from './offer.ts';
import { excludedTables } from './outgoing-keys.ts';
import type { OutgoingKeys } from './outgoing-keys.ts';
import type { RunnableObject } from './runnable-object.ts';
import { rulesOf } from './schema-names.ts';
import type { SchemaNames } from './schema-names.ts';
import { exclude, tablePolicies } from './table-policies.ts';

/** What of a dump is made, without what policies and names take out. */
export interface PartOfDump extends Pick<Offer, 'objects' | 'tables' | 'sequences'> {
  readonly policies: ReadonlyMap<string, TablePolicy>;
  /** To tables that are excluded, in the dump or by it. */
  readonly outgoing: OutgoingKeys;
  readonly largeObjects: ImportPlan['largeObjects'];
  /** What the source says of its own schema public, of which another schema takes the name. */
  readonly overwritten: readonly RunnableObject[];
  /** A sentence for each object that is left out with an excluded table. */
  readonly leftOut: readonly string[];
}

/** SOURCE_OBJECT_UNSUPPORTED if an object that stays needs a table that the policy excludes. */
export function partOfDump(input: ImportPlanInput): PartOfDump {
  const { offer, rules } = input;
  const names = input.names ?? null;
  const policies = tablePolicies(offer.objects, rulesOf(rules, names, 'source'));
  const excluded = new Set([...policies].filter(([, policy]) => policy === 'exclude').map(([id]) => id));
  const exclusion = exclude(offer.objects, excluded);
  if (exclusion.broken.length > 0) {
    throw new SyncError(
      'SOURCE_OBJECT_UNSUPPORTED',
      `${exclusion.broken.length} object(s) of the dump need a table that the policy excludes: ` +
        `${exclusion.broken.join(', ')}.`,
      {
        details: { objects: exclusion.broken },
      },
    );
  }
  const overwritten = overwrittenPublic(offer.objects, names);
  const largeObjects = largeObjectsAction(input);
  // A table of an extension is not loaded if the extension is left out, or stays with its rows.
  const made = new Set(offer.objects.map(({ id }) => id));
  const remains = ({ id }: { readonly id: string }): boolean => made.has(id) && !exclusion.out.has(id);
  return {
    policies,
    largeObjects,
    objects: offer.objects.filter(
      (object) =>
        !exclusion.out.has(object.id) &&
        !overwritten.has(object) &&
        (largeObjects === 'copy' || !isOfLargeObjects(object)),
    ),
    tables: offer.tables.filter(remains),
    sequences: offer.sequences.filter(remains),
    outgoing: {
      objects: [...exclusion.outgoing, ...(offer.outgoing?.objects ?? [])],
      tables: [...excludedTables(offer.objects, excluded), ...(offer.outgoing?.tables ?? [])],
    },
    overwritten: [...overwritten],
    leftOut: exclusion.leftOut,
  };
}

/** Whether the rows of the dump come; of other tables they are kept, or there are none. */
export function isLoaded({ id, content }: ManifestTable, { policies }: PartOfDump): boolean {
  return content === 'rows' && (policies.get(id) ?? 'sync') === 'sync';
}

/** What an option leaves out is not copied; in place it stays in the target. */
function largeObjectsAction({ offer, rules, staying, target }: ImportPlanInput): ImportPlan['largeObjects'] {
  // They lie in no schema.
  if (target.restriction !== null) return 'keep';
  const policy = largeObjectPolicy(rules);
  if (policy === 'preserve' || policy === 'exclude') return 'keep';
  if (policy === 'sync' && offer.objects.some(isOfLargeObjects)) return 'copy';
  return staying?.has(largeObjectsId) === true ? 'keep' : 'none';
}

/** The source's statements about its own schema public are dropped if another schema becomes public. */
function overwrittenPublic(
  objects: readonly RunnableObject[],
  names: SchemaNames | null,
): ReadonlySet<RunnableObject> {
  if (names === null) return new Set();
  return new Set(
    objects.filter(
      (object) =>
        isOfPublicSchema(object) &&
        (names.target === publicSchema ||
          // The schema that is made for it has no comment to remove.
          (names.source === publicSchema && object.facts.removes === true)),
    ),
  );
}
