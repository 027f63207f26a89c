import type { TablePolicy } from '../../src/environments/table-policy.ts';
import type { TestDatabase } from '../support/postgres.ts';

/** Every table by name with a digest of its rows, every sequence with its state: equal means the same for a user. */
export type Content = Readonly<Record<string, string>>;

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

/** What the target holds after a sync: the source's content, but for what is kept or emptied. */
export function afterSync(
  source: Content,
  target: Content,
  policies: Readonly<Record<string, TablePolicy>>,
): Content {
  const named = (...which: readonly TablePolicy[]): readonly string[] =>
    Object.keys(policies).filter((name) => which.includes(policies[name] ?? 'sync'));
  const [kept, emptied] = [named('preserve', 'exclude'), named('truncate')];
  // A table, or a sequence that is called after it.
  const isKept = (relation: string): boolean =>
    kept.some((name) => relation === name || relation.startsWith(`${name}_`));
  const entries = Object.entries(source).map(([name, facts]) => {
    if (isKept(name)) return [name, target[name] ?? facts] as const;
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
