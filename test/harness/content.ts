import type { TestDatabase } from '../support/postgres.ts';

/** Every table by name with a digest of its rows, every sequence with its state: equal means the same for a user. */
export type Content = Readonly<Record<string, string>>;

/** What the preset `multiboard` does with the target's own tables (src/config/presets). */
const kept = ['Profile', 'ProfileMeta', 'List', 'ListPart', 'UndoOperation', '_prisma_migrations'];
const emptied = ['Result', '_AttributeValueToResult'];

/** Rows as JSON: independent of the order of columns, which differs between environments. */
export async function contentOf(database: Pick<TestDatabase, 'query'>): Promise<Content> {
  const relations = await database.query<{ name: string; sequence: boolean }>(
    `SELECT relname AS name, relkind = 'S' AS sequence FROM pg_class
     WHERE relkind IN ('r', 'S', 'm') AND relnamespace = 'public'::regnamespace ORDER BY relname COLLATE "C"`,
  );
  const parts = relations.map(({ name, sequence }) => {
    const quoted = `public."${name.replaceAll('"', '""')}"`;
    const facts = sequence
      ? `last_value || ' ' || is_called FROM ${quoted}`
      : `count(*) || ' ' || COALESCE(md5(string_agg(r.line, E'\\n' ORDER BY r.line COLLATE "C")), '')
         FROM (SELECT to_jsonb(t)::text AS line FROM ${quoted} AS t) AS r`;
    return `SELECT '${name.replaceAll("'", "''")}' AS name, ${facts}`;
  });
  if (parts.length === 0) return {};
  const rows = await database.query<{ name: string; facts: string }>(
    `SELECT name, facts FROM (${parts.join('\nUNION ALL ')}) AS x (name, facts)`,
  );
  return Object.fromEntries(rows.map(({ name, facts }) => [name, facts]));
}

/** What the target holds after a sync with the preset: the source's content, but for what is kept or emptied. */
export function afterSync(source: Content, target: Content): Content {
  const belongsTo = (names: readonly string[], relation: string): boolean =>
    names.some((name) => relation === name || relation.startsWith(`${name}_`));
  const entries = Object.entries(source).map(([name, facts]) => {
    if (belongsTo(kept, name)) return [name, target[name] ?? facts] as const;
    return [name, emptied.includes(name) ? '0 ' : facts] as const;
  });
  return Object.fromEntries(entries);
}

/** Without sequences: a server that crashed lets them skip up to 32 values, which it had written down in advance. */
export function tablesOf(content: Content): Content {
  return Object.fromEntries(
    Object.entries(content).filter(([, facts]) => !/^-?\d+ (true|false)$/.test(facts)),
  );
}
