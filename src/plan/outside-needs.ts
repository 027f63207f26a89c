import { renamedIdentity } from '../catalog/comparison/renamed-schema.ts';
import type { CatalogModel, OutsideNeed, Restriction } from '../catalog/model.ts';
import { publicSchema } from '../catalog/schemas/public-schema.ts';
import { displayName } from '../catalog/display-name.ts';
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
  const isThere = outsideOf(restriction, names);
  const lacking = new Map<string, string[]>();
  const extensions = new Map<string, OutsideNeed>();
  for (const { identity, needs = [] } of objects)
    for (const need of needs) {
      if (isThere(need)) continue;
      if (need.kind === 'extension') extensions.set(need.identity, need);
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
      hint: hint([...extensions.values()], faults.length),
    },
  );
}

/** Whether a thing is outside the schemas of a run in the target. */
export function outsideOf(
  { outside }: Restriction,
  names: SchemaNames | null,
): (need: OutsideNeed) => boolean {
  const there = new Map(outside.map((one) => [one.identity, one.schema]));
  return ({ kind, identity, schema }) => {
    const name =
      names === null ? identity : renamedIdentity(identity, { left: names.source, right: names.target });
    if (!there.has(name)) return false;
    return kind !== 'extension' || there.get(name) === schema;
  };
}

/** Extensions can be made by two statements each; for the rest there are options. */
function hint(extensions: readonly OutsideNeed[], faults: number): string {
  const statements = extensions.map(({ identity, schema }) => {
    const where = displayName(schema ?? publicSchema);
    return `CREATE SCHEMA IF NOT EXISTS ${where}; CREATE ${identity} SCHEMA ${where};`;
  });
  const rest =
    'Make them in the target, leave out what needs them (--leave-out missing; tables, their types and sequences are ' +
    'never left out so), or add their schema to the run.';
  if (statements.length === 0) return rest;
  const others = faults > extensions.length ? ` For the others: ${rest}` : '';
  return `Run in the target: ${statements.join(' ')}${others}`;
}
