import type { CatalogModel, CatalogTable } from '../../catalog/model.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { tableName } from '../../lib/table-name.ts';
import type { ImportPlan } from '../../plan/import-plan.ts';
import { onOtherEnd } from '../../plan/schema-names.ts';
import type { SchemaNames } from '../../plan/schema-names.ts';
import { qualifiedName } from '../../postgres/identifiers.ts';
import { rowsAsTable } from '../../postgres/rows.ts';
import { nameType } from '../prove/without-exceptions.ts';
import type { ComparedTable } from './side.ts';

/** A table that both ends have, or a tree of partitions over which they may spread its rows differently. */
export interface ComparedPair {
  /** The tables that it stands for, as the target calls them; more than one for a tree. */
  readonly names: readonly string[];
  readonly source: ComparedTable;
  readonly target: ComparedTable;
  /** OIDs of the target's tables. */
  readonly targetOids: readonly string[];
  /** One of its tables at each end, for what all have in common. */
  readonly sourceTable: CatalogTable;
  readonly targetTable: CatalogTable;
  /** Of the larger end: bytes, and rows by the statistics. */
  readonly bytes: number;
  readonly rowsEstimated: number;
}

/** Without statistics a row is taken to have as many bytes. */
const rowBytes = 100;

/** The tables whose rows come from the source, each with the one that the target has under its name. Pure. */
export function comparedPairs(
  { load, names }: Pick<ImportPlan, 'load' | 'names'>,
  source: CatalogModel,
  target: CatalogModel,
): readonly ComparedPair[] {
  const byName = ({ tables }: CatalogModel): ReadonlyMap<string, CatalogTable> =>
    new Map(tables.map((table) => [qualifiedName(table.schema, table.name), table]));
  const [here, there] = [byName(source), byName(target)];
  const both = load.flatMap((table) => {
    const one = here.get(qualifiedName(table.schema, table.name));
    const named = onOtherEnd(names, table);
    const other = there.get(qualifiedName(named.schema, named.name));
    return one === undefined || other === undefined ? [] : [[one, other] as const];
  });
  const trees = new Map<string, [readonly [CatalogTable, CatalogTable], ...(typeof both)[number][]]>();
  for (const pair of both) {
    const [one, other] = pair;
    const isPart = one.loadThrough !== null && other.loadThrough !== null;
    const root = isPart && one.loadThrough !== null ? one.loadThrough : one;
    const tree = trees.get(qualifiedName(root.schema, root.name));
    if (tree === undefined) trees.set(qualifiedName(root.schema, root.name), [pair]);
    else tree.push(pair);
  }
  return [...trees.values()].map((members) => pairOf(members, names));
}

function pairOf(
  members: readonly [readonly [CatalogTable, CatalogTable], ...(readonly [CatalogTable, CatalogTable])[]],
  names: SchemaNames | null,
): ComparedPair {
  const [[one, other]] = members;
  const has = (table: CatalogTable, column: string): boolean =>
    table.columns.some(({ name }) => name === column);
  // Names of objects have another text where their schema has another name.
  const shared = one.columns.filter(
    ({ name, type }) => has(other, name) && (names === null || !nameType.test(type)),
  );
  // What the server computes can be compared, and is not there to find a row by before it has written it.
  const isWritten = (table: CatalogTable): boolean =>
    table.columns.every(({ name, generated }) => !generated || !table.keyColumns.includes(name));
  const isKey =
    one.keyColumns.join('\0') === other.keyColumns.join('\0') && isWritten(one) && isWritten(other);
  const key = isKey ? one.keyColumns : [];
  const sides = { columns: shared, key, keyAs: keyAs(one, other, key) };
  const sumOf = (of: (table: CatalogTable) => number): number =>
    Math.max(...[0, 1].map((end) => members.reduce((sum, pair) => sum + of(pair[end] ?? one), 0)));
  const bytes = sumOf((table) => table.bytes);
  return {
    names: members.map(([, { schema, name }]) => tableName({ schema, name })),
    targetOids: members.map(([, { id }]) => id.replace(/^table:/, '')),
    source: { ...sides, rows: rowsOf(members.map(([table]) => table)) },
    target: { ...sides, rows: rowsOf(members.map(([, table]) => table)) },
    sourceTable: one,
    targetTable: other,
    bytes,
    rowsEstimated: Math.max(
      sumOf((table) => table.rowsEstimated),
      // The statistics may be old, or never made.
      Math.floor(bytes / rowBytes / 8),
    ),
  };
}

/** One number or uuid is hashed as it is, which takes half the time of its text. */
function keyAs(one: CatalogTable, other: CatalogTable, key: readonly string[]): ComparedTable['keyAs'] {
  const types = [one, other].flatMap(({ columns }) =>
    columns.filter(({ name }) => name === key[0]).map(({ type }) => type),
  );
  if (key.length !== 1) return 'text';
  if (types.every((type) => integers.has(type))) return 'bigint';
  return types.every((type) => type === 'uuid') ? 'uuid' : 'text';
}

const integers: ReadonlySet<string> = new Set(['smallint', 'integer', 'bigint']);

/** Of a tree all that its root has, which is read as it is only if every member is. */
function rowsOf(members: readonly CatalogTable[]): string {
  const [table] = members;
  if (table === undefined) throw new Error('a pair has a table');
  const root = table.loadThrough;
  if (root === null) return rowsAsTable(table);
  const trees = new Set(members.map(({ reading }) => reading?.tree ?? null));
  const [tree = null] = trees;
  if (trees.size > 1 || (tree === null && members.some(({ reading }) => (reading ?? null) !== null)))
    throw new SyncError(
      'INTERNAL',
      `Partitions of ${tableName(root)} are read through masks or filters, and the whole of it is not.`,
    );
  return tree === null ? qualifiedName(root.schema, root.name) : `(${tree}\n) AS "rows"`;
}
