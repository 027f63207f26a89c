import { both } from '../../lib/both.ts';
import { sqlFile } from '../../lib/sql-file.ts';
import type { CallOptions, Queryable } from '../../postgres/session.ts';
import type { RenamedSchema } from '../comparison/renamed-schema.ts';
import type { Difference } from '../difference.ts';
import { displayName } from '../display-name.ts';

const sql = sqlFile(import.meta.url, './schema-settings.sql');

interface SchemaSettings {
  readonly owner: string;
  readonly privileges: readonly string[];
  readonly comment: string | null;
}

/**
 * Compares owner, privileges and comment of a schema that has another name in each of two databases. Their statements
 * cannot be compared, because schema public starts with other privileges than any other schema.
 */
export async function schemaDifferences(
  left: Queryable,
  right: Queryable,
  renamed: RenamedSchema,
  options: CallOptions,
): Promise<readonly Difference[]> {
  const [[here], [there]] = await both(
    (signal) => left.query<SchemaSettings>(sql, [renamed.left], { signal }),
    (signal) => right.query<SchemaSettings>(sql, [renamed.right], { signal }),
    options.signal,
  );
  const subject = `schema ${displayName(renamed.left)}`;
  const say = (name: string, difference: string): Difference => ({ kind: 'object', name, difference });
  if (here === undefined || there === undefined) {
    if (here === there) return [];
    return [say(subject, here === undefined ? 'is too many' : 'is missing')];
  }
  return [
    ...(here.owner === there.owner ? [] : [say(`owner of ${subject}`, 'is different')]),
    ...(JSON.stringify(here.privileges) === JSON.stringify(there.privileges)
      ? []
      : [say(`privileges on ${subject}`, 'is different')]),
    ...(here.comment === there.comment ? [] : [say(`comment on ${subject}`, 'is different')]),
  ];
}
