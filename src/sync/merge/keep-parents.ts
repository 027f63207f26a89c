import { tableName } from '../../lib/table-name.ts';
import { counted } from '../../progress/words.ts';
import { foreignKeyName, orphanPolicy } from '../../plan/orphans.ts';
import type { OrphanPolicies } from '../../plan/orphans.ts';
import { quoteLiteral } from '../../postgres/identifiers.ts';
import type { Session } from '../../postgres/session.ts';
import type { PairedTable } from './apply-rows.ts';
import { matching, of, readForeignKeys, refers } from './foreign-keys.ts';
import type { ForeignKey } from './foreign-keys.ts';
import { columnOf, oldTable, pairsTable } from './merge-table.ts';
import type { MergeTable } from './merge-table.ts';

interface Options {
  readonly signal: AbortSignal;
}

export interface KeptParents {
  /** With other numbers: rows that stay are not deleted. */
  readonly staged: readonly PairedTable[];
  /** Place in `staged` → rows that stay. */
  readonly stays: ReadonlyMap<number, number>;
  /** A sentence for each foreign key. */
  readonly notes: readonly string[];
}

interface Link {
  readonly key: ForeignKey;
  /** Whose rows count: a kept table's own, or of a changed table those that stay. */
  readonly children: readonly (MergeTable | string)[];
}

/**
 * Rows that are about to be deleted stay where kept rows refer to them by a foreign key with policy `keepParent`; and
 * so do rows that these refer to, where their key has the same policy. Called before the rows are changed. `emptied`
 * tables, the last ones, are emptied all the same.
 */
export async function keepParents(
  session: Session,
  {
    alike,
    staged,
    emptied,
    policies,
  }: {
    readonly alike: readonly string[];
    readonly staged: readonly PairedTable[];
    readonly emptied: readonly PairedTable[];
    readonly policies: OrphanPolicies;
  },
  options: Options,
): Promise<KeptParents> {
  const links = await linksOf(session, alike, [...staged, ...emptied], policies, options);
  const stays = new Map<number, number>();
  const notes = new Map<string, number>();
  for (let found = links.length > 0; found;) {
    found = false;
    for (const { key, children } of links) {
      for (const at of key.gone) {
        const parent = staged[at - 1]?.table;
        if (parent === undefined) continue;
        for (const child of children) {
          const rows = await markStaying(session, key, { parent, child }, options);
          if (rows === 0) continue;
          found = true;
          stays.set(at - 1, (stays.get(at - 1) ?? 0) + rows);
          const note = noteOf(key);
          notes.set(note, (notes.get(note) ?? 0) + rows);
        }
      }
    }
  }
  return {
    staged: staged.map(({ table, counts }, index) => ({
      table,
      counts: { ...counts, deleted: counts.deleted - (stays.get(index) ?? 0) },
    })),
    stays,
    notes: [...notes].map(([note, rows]) => `${counted(rows, 'row')} ${note}`),
  };
}

async function linksOf(
  session: Session,
  alike: readonly string[],
  paired: readonly PairedTable[],
  policies: OrphanPolicies,
  options: Options,
): Promise<readonly Link[]> {
  const names = paired.map(({ table }) => table.into);
  const keeps = ({ name, childTable }: ForeignKey): boolean =>
    orphanPolicy(policies, [foreignKeyName(name, childTable)]) === 'keepParent';
  const fromKept = (await readForeignKeys(session, alike, names, options))
    .filter((key) => keeps(key) && key.changed.length === 0)
    .map((key) => ({ key, children: [key.child] }));
  const among = (await readForeignKeys(session, [], names, options))
    .filter((key) => keeps(key) && key.changed.length > 0)
    .map((key) => ({ key, children: key.changed.flatMap((at) => paired[at - 1]?.table ?? []) }));
  return [...fromKept, ...among];
}

function noteOf({ name, childTable, parentTable }: ForeignKey): string {
  return (
    `of ${tableName(parentTable)} that the source does not have stayed, because rows of ` +
    `${tableName(childTable)} refer to them (${foreignKeyName(name, childTable)})`
  );
}

/** Returns how many rows stay besides. */
async function markStaying(
  session: Session,
  key: ForeignKey,
  { parent, child }: { readonly parent: MergeTable; readonly child: MergeTable | string },
  options: Options,
): Promise<number> {
  const { pairs } = key;
  const has = ({ columns }: MergeTable, which: 'parent' | 'child'): boolean =>
    pairs.every((pair) => columns.includes(pair[which]));
  // A column that the server computes is not among those that were read.
  if (key.period || !has(parent, 'parent')) return 0;
  if (typeof child !== 'string' && !has(child, 'child')) return 0;
  const own = typeof child === 'string' ? of('c') : (name: string): string => `c.${columnOf(child, name)}`;
  const rows =
    typeof child === 'string'
      ? `${child} AS c`
      : `${oldTable(child)} AS c JOIN ${pairsTable(child)} AS s ON s.old = c.ctid AND s.act = 'stay'`;
  const match = matching(pairs, (name) => `o.${columnOf(parent, name)}`, own);
  const relation = `${quoteLiteral(key.parent.replace(/^ONLY /, ''))}::regclass`;
  const [row] = await session.query<{ rows: number }>(
    `WITH marked AS (
  UPDATE ${pairsTable(parent)} AS p SET act = 'stay' FROM ${oldTable(parent)} AS o
  WHERE p.act = 'delete' AND o.ctid = p.old
    AND (o."rel" = ${relation} OR o."rel" IN (SELECT relid FROM pg_catalog.pg_partition_tree(${relation})))
    AND EXISTS (SELECT FROM ${rows} WHERE ${refers(key, own)} AND ${match})
  RETURNING 1
)
SELECT count(*)::int AS rows FROM marked`,
    [],
    options,
  );
  return row?.rows ?? 0;
}
