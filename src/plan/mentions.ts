import { isRun } from '../catalog/comparison/renamed-schema.ts';
import { definitionIn } from '../catalog/extensions/guarded.ts';
import { sqlTokens } from '../catalog/comparison/sql-tokens.ts';
import { publicSchema } from '../catalog/schemas/public-schema.ts';
import type { RunnableObject } from './runnable-object.ts';
import type { SchemaNames } from './schema-names.ts';

/** Text that is for people, or that names no schema. */
const silent = new Set(['comment', 'security label', 'enum', 'sequence value', 'owner', 'privileges']);

/** `'…'::regclass` and the like are stored by OID; the words before `::` are the constant. */
const byOid = /^reg(?:class|collation|config|dictionary|namespace|oper|operator|proc|procedure|type)$/;

/**
 * Objects whose definition holds the schema's old name as plain text: bodies of functions, dynamic SQL, constants. A
 * rename does not change them, so the plan names each. The `search_path` of functions is adapted.
 */
export function mentions(objects: readonly RunnableObject[], { source }: SchemaNames): readonly string[] {
  const holdsName = nameIn(source);
  const written = writings(source);
  return objects
    .filter(({ kind }) => !silent.has(kind))
    .filter((object) => {
      const sql = definitionIn(object.sql);
      const lower = sql.toLowerCase();
      if (!written.some((name) => sql.includes(name) || lower.includes(name))) return false;
      const tokens = sqlTokens(sql);
      return tokens.some(
        (token, at) => isText(token) && holdsName(token) && !isRun(tokens, at) && !follows(tokens, at),
      );
    })
    .map(({ identity }) => identity);
}

/** One sentence for the plan; none where there is nothing to say. */
export function mentionWarnings(
  found: readonly string[],
  { source, target }: SchemaNames,
): readonly string[] {
  return found.map(
    (identity) =>
      `${identity} mentions "${source}" in its text, which stays as it is when the schema becomes "${target}".`,
  );
}

/** Whether text holds a name as a word of its own; unquoted names fold to lower case. */
export function nameIn(name: string): (text: string) => boolean {
  const escaped = writings(name)
    .map((written) => written.replaceAll(/[\\^$.|?+*()[\]{}]/g, String.raw`\$&`))
    .join('|');
  const plain = /^[a-z_][a-z0-9_$]*$/.test(name);
  const word = new RegExp(
    String.raw`(?<![\w$\u0080-\uffff])(?:${escaped})(?![\w$\u0080-\uffff])`,
    plain ? 'i' : '',
  );
  // PUBLIC is also the role that stands for everybody.
  const everybody = /\b(?:to|from)\s+public\b(?!\s*\.)/gi;
  return (text) => word.test(name === publicSchema ? text.replaceAll(everybody, '') : text);
}

/** A name as it is, and as it stands between quotes: of an identifier, of text, of an identifier within text. */
function writings(name: string): readonly string[] {
  const quoted = name.replaceAll('"', '""');
  return [...new Set([name, quoted, name.replaceAll("'", "''"), quoted.replaceAll("'", "''")])];
}

function isText(token: string): boolean {
  return /^(?:[eE]?'|[uU]&'|\$)/.test(token);
}

function follows(tokens: readonly string[], at: number): boolean {
  const type = tokens[at + 3] === '.' ? tokens[at + 4] : tokens[at + 2];
  if (tokens[at + 1] === '::' && byOid.test(type ?? '')) return true;
  let before = at - 1;
  while (tokens[before] === ',' && (tokens[before - 1] ?? '').startsWith("'")) before -= 2;
  return ['TO', '='].includes(tokens[before] ?? '') && /^"?search_path"?$/.test(tokens[before - 1] ?? '');
}
