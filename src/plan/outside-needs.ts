import { renamedIdentity } from '../catalog/comparison/renamed-schema.ts';
import type { CatalogModel, OutsideNeed, Restriction } from '../catalog/model.ts';
import { publicSchema } from '../catalog/schemas/public-schema.ts';
import { displayName } from '../catalog/display-name.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { RunnableObject } from './runnable-object.ts';
import type { TargetRights } from './target-rights.ts';
import { otherName } from './schema-names.ts';
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
        need.kind === 'extension'
          ? `${need.identity} in schema ${schemaThere(need.schema, names)}`
          : need.identity;
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
      hint: hint([...extensions.values()], faults.length, names),
    },
  );
}

/**
 * Only its owner puts a table into a publication. TARGET_PRIVILEGE names the places that this role could not make, or
 * not make again.
 */
export function checkPlaces(
  objects: readonly RunnableObject[],
  { restriction }: CatalogModel,
  rights: TargetRights,
): void {
  if (restriction === null || rights.superuser) return;
  const uses = new Set(rights.roles.filter(({ uses }) => uses).map(({ name }) => name));
  const owners = new Map(restriction.outside.map(({ identity, owner }) => [identity, owner]));
  const faults = objects
    .filter(({ kind }) => kind === 'publication table')
    .flatMap(({ identity, needs = [] }) =>
      needs.flatMap((need) => {
        const owner = owners.get(need.identity);
        return owner === undefined || uses.has(owner) ? [] : [`${identity} (${owner})`];
      }),
    );
  if (faults.length === 0) return;
  throw new SyncError(
    'TARGET_PRIVILEGE',
    `${faults.length} place(s) in publications of other roles would be lost, and only their owners can give them: ` +
      `${faults.join(', ')}.`,
    {
      details: { objects: faults },
      hint:
        'Grant the roles named to the role of this run, let a superuser change the owner of the publication, or take ' +
        'the tables out of it in the target (and leave the places out: --leave-out "publication table").',
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
    return kind !== 'extension' || there.get(name) === schemaThere(schema, names);
  };
}

/** Where an extension of the source has to be: what is said of its objects gets the target's names as well. */
function schemaThere(schema: string | null, names: SchemaNames | null): string {
  return otherName(names, schema ?? publicSchema);
}

/** Extensions can be made by two statements each; for the rest there are options. */
function hint(extensions: readonly OutsideNeed[], faults: number, names: SchemaNames | null): string {
  const statements = extensions.map(({ identity, schema }) => {
    const where = displayName(schemaThere(schema, names));
    return `CREATE SCHEMA IF NOT EXISTS ${where}; CREATE ${identity} SCHEMA ${where};`;
  });
  const rest =
    'Make them in the target, leave out what needs them (--leave-out missing; tables, their types and sequences are ' +
    'never left out so), or add their schema to the run.';
  if (statements.length === 0) return rest;
  const others = faults > extensions.length ? ` For the others: ${rest}` : '';
  return `Run in the target: ${statements.join(' ')}${others}`;
}
