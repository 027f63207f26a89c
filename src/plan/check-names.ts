import { isOfPublicSchema, publicSchema } from '../catalog/schemas/public-schema.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { RunnableObject } from './runnable-object.ts';
import type { SchemaNames } from './schema-names.ts';
import { withParts } from './table-policies.ts';

/** How many objects a message names. */
const named = 10;

/**
 * Whether a schema of the source can get its name in the target. CONFLICT_SCHEMA_NAMES if the source has no such
 * schema, or has another one with the target's name. An extension may be in schema public; it is moved as well.
 */
export function checkNames(
  names: SchemaNames,
  objects: readonly RunnableObject[],
  relocatable: (extension: string) => boolean,
): void {
  const { source, target } = names;
  const schemas = new Set(objects.filter(({ kind }) => kind === 'schema').map(({ name }) => name));
  if (source !== publicSchema && !schemas.has(source)) {
    throw new SyncError(
      'CONFLICT_SCHEMA_NAMES',
      `The source has no schema "${source}", which is to become "${target}".`,
      { hint: 'Correct the schema of the source environment (NAME_DATABASE_SCHEMA).' },
    );
  }
  const extensions = objects.filter(({ kind, schema }) => kind === 'extension' && schema === target);
  const ofExtensions = withParts(objects, new Set(extensions.map(({ id }) => id)));
  const taking =
    target === publicSchema
      ? objects.filter((object) => isInPublic(object, ofExtensions))
      : objects.filter(({ kind, name }) => kind === 'schema' && name === target);
  if (taking.length > 0) {
    const identities = taking.map(({ identity }) => identity);
    const listed = `${identities.slice(0, named).join(', ')}${identities.length > named ? ' …' : ''}`;
    const contents = target === publicSchema ? `, and it is not empty: ${listed}` : '';
    throw new SyncError(
      'CONFLICT_SCHEMA_NAMES',
      `The schema "${source}" of the source cannot become "${target}": the source has a schema of that name as ` +
        `well${contents}.`,
      { details: { objects: identities } },
    );
  }
  const stuck = extensions.filter(({ name }) => !relocatable(name)).map(({ name }) => name);
  if (stuck.length > 0) {
    throw new SyncError(
      'CONFLICT_SCHEMA_NAMES',
      `The schema "${source}" of the source cannot become "${target}": extension(s) ` +
        `${stuck.join(', ')} are in "${target}" already and cannot be moved.`,
      { details: { extensions: stuck } },
    );
  }
}

/** The objects in schema public, without the schema's own settings and without extensions. */
function isInPublic(object: RunnableObject, ofExtensions: ReadonlySet<string>): boolean {
  return object.schema === publicSchema && !isOfPublicSchema(object) && !ofExtensions.has(object.id);
}
