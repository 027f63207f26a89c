import { sqlFile } from '../../lib/sql-file.ts';
import { mentionWarnings, nameIn } from '../../plan/mentions.ts';
import type { SchemaNames } from '../../plan/schema-names.ts';
import type { CallOptions, Queryable } from '../../postgres/session.ts';

const membersSql = sqlFile(import.meta.url, './extension-mentions.sql');

/**
 * Functions of extensions whose text holds the name of a schema that is renamed: an extension's script may write the
 * name of its schema into them. A sentence each.
 */
export async function extensionMentions(
  session: Queryable,
  names: SchemaNames,
  options: CallOptions,
): Promise<readonly string[]> {
  const rows = await session.query<{ identity: string; text: string }>(membersSql, [names.source], options);
  const holdsName = nameIn(names.source);
  const found = rows.filter(({ text }) => holdsName(text)).map(({ identity }) => identity);
  return mentionWarnings(found, names);
}
