import { renamedIdentity } from '../catalog/comparison/renamed-schema.ts';
import type { CatalogModel, OutsideNeed } from '../catalog/model.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { RunnableObject } from './runnable-object.ts';
import type { SchemaNames } from './schema-names.ts';

/**
 * A run about some schemas copies nothing that lies outside them, so what its objects need from there has to be in the
 * target already, by the same name. TARGET_UNSUPPORTED names each that is not, with what needs it.
 */
export function checkOutsideNeeds(
  objects: readonly RunnableObject[],
  target: CatalogModel,
  names: SchemaNames | null,
): void {
  const { restriction } = target;
  if (restriction === null) return;
  const there = new Map(restriction.outside.map((one) => [one.identity, one.schema]));
  const isThere = ({ kind, identity, schema }: OutsideNeed): boolean => {
    const name =
      names === null ? identity : renamedIdentity(identity, { left: names.source, right: names.target });
    if (!there.has(name)) return false;
    return kind !== 'extension' || there.get(name) === schema;
  };
  const lacking = new Map<string, string[]>();
  for (const { identity, needs = [] } of objects)
    for (const need of needs) {
      if (isThere(need)) continue;
      const words =
        need.kind === 'extension' ? `${need.identity} in schema ${need.schema ?? ''}` : need.identity;
      lacking.set(words, [...(lacking.get(words) ?? []), identity]);
    }
  if (lacking.size === 0) return;
  const faults = [...lacking].map(([need, by]) => `${need} (needed by ${by.join(', ')})`);
  throw new SyncError(
    'TARGET_UNSUPPORTED',
    `The source’s objects need ${faults.length} thing(s) outside the schemas of this run that the target does not ` +
      `have: ${faults.join('; ')}.`,
    {
      details: { objects: faults },
      hint:
        'Make them in the target, leave out what needs them (--leave-out, by these names), or add their schema ' +
        'to the run.',
    },
  );
}
