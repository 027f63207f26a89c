import { sqlFile } from '../../lib/sql-file.ts';
import { tableName } from '../../lib/table-name.ts';
import { counted } from '../../progress/words.ts';
import { foreignKeyName, orphanPolicy } from '../../plan/orphans.ts';
import type { OrphanPolicies, OrphanPolicy } from '../../plan/orphans.ts';
import { qualifiedName, quoteIdentifier } from '../../postgres/identifiers.ts';
import type { Session } from '../../postgres/session.ts';
import { databaseError } from '../../postgres/sqlstate.ts';
import { keyHash } from '../differing/side.ts';
import { applyRows, pairRows } from './apply-rows.ts';
import type { PairedTable } from './apply-rows.ts';
import { readTraits, replacedColumns } from './changes.ts';
import { isOrphan, readForeignKeys } from './foreign-keys.ts';
import type { ForeignKey } from './foreign-keys.ts';
import { columnOf, keysTable, newTable, stagingSql } from './merge-table.ts';
import type { MergeTable } from './merge-table.ts';

const childrenSql = sqlFile(import.meta.url, './orphan-children.sql');

interface Options {
  readonly signal: AbortSignal;
}

/** A kept table, a foreign key of which has policy `setNull` or `delete`. */
interface Child {
  /** What stands after FROM. */
  readonly own: string;
  readonly table: MergeTable;
  readonly keys: readonly (ForeignKey & { readonly policy: OrphanPolicy })[];
}

export interface Settled {
  /** The kept tables of which rows were changed. */
  readonly paired: readonly PairedTable[];
  /** A sentence for each foreign key. */
  readonly notes: readonly string[];
}

/**
 * Does with kept rows whose parents have gone what the policies of their foreign keys say. Called in the transaction
 * that has changed the parents, and that keeps writers off these tables; no foreign key acts. Rows that refer to
 * deleted ones follow by the policies of their own keys; what is left without a parent is for `checkReferences` to
 * find. The tables change as merged ones do, so that an undo brings these rows back in the same way.
 */
export async function settleOrphans(
  session: Session,
  {
    alike,
    changed,
    kept,
    policies,
  }: {
    readonly alike: readonly string[];
    readonly changed: readonly MergeTable[];
    /** The kept tables that the caller has locked for this. */
    readonly kept: readonly { readonly schema: string; readonly name: string }[];
    readonly policies: OrphanPolicies;
  },
  options: Options,
): Promise<Settled> {
  if (kept.length === 0) return { paired: [], notes: [] };
  const children = await childrenOf(session, { alike, changed, kept, policies }, options);
  try {
    const notes = await markGone(session, children, options);
    const staged: MergeTable[] = [];
    for (const child of children) {
      const found = await stageChild(session, child, children, options);
      if (found === null) continue;
      staged.push(child.table);
      notes.push(...found);
    }
    const paired: PairedTable[] = [];
    for (const table of staged) paired.push(await pairRows(session, table, 'of keys', options));
    await applyRows(session, paired, options);
    return { paired, notes };
  } catch (error) {
    options.signal.throwIfAborted();
    throw databaseError(error, 'target', 'Changing kept rows whose parents are gone');
  }
}

async function childrenOf(
  session: Session,
  { alike, changed, kept, policies }: Parameters<typeof settleOrphans>[1],
  options: Options,
): Promise<readonly Child[]> {
  const names = kept.map(({ schema, name }) => qualifiedName(schema, name));
  const about = [...changed.map(({ into }) => into), ...names];
  const keys = (await readForeignKeys(session, alike, about, options)).map((key) => ({
    ...key,
    policy: orphanPolicy(policies, [foreignKeyName(key.name, key.childTable)]),
  }));
  const [columns, traits] = [
    await session.query<{ columns: readonly string[]; key: readonly string[] }>(
      childrenSql,
      [names],
      options,
    ),
    await readTraits(session, names, options),
  ];
  return kept.flatMap((named, index) => {
    const own = keys.filter(
      ({ childTable, policy }) =>
        tableName(childTable) === tableName(named) && (policy === 'setNull' || policy === 'delete'),
    );
    const child = own[0]?.child ?? '';
    const found = columns[index];
    if (found === undefined || own.length === 0) return [];
    const table = {
      index: changed.length + index + 1,
      name: tableName(named),
      into: qualifiedName(named.schema, named.name),
      own: child,
      columns: found.columns,
      compared: {
        rows: child,
        columns: found.columns.map((name) => ({ name })),
        key: found.key,
        keyAs: 'text' as const,
      },
    };
    return [{ own: child, keys: own, table: { ...table, replaced: replacedColumns(table, traits[index]) } }];
  });
}

const goneTable = ({ table }: Child): string => `pg_temp.multiboard_sync_gone_${table.index}`;

const isGone = (child: Child, alias: string): string =>
  `EXISTS (SELECT FROM ${goneTable(child)} AS g WHERE g.rel = ${alias}.tableoid AND g.at = ${alias}.ctid)`;

/** The row `c` refers to nothing, or to a row that goes as well. */
function isOrphanHere(key: ForeignKey, children: readonly Child[]): string {
  const parent = children.find(({ own }) => own === key.parent);
  return isOrphan(key, parent === undefined ? null : `NOT ${isGone(parent, 'p')}`);
}

/** Which rows are deleted, and then which of those that refer to them, until there are no more. */
async function markGone(session: Session, children: readonly Child[], options: Options): Promise<string[]> {
  for (const child of children)
    await session.execute(
      `CREATE TEMPORARY TABLE ${goneTable(child).replace('pg_temp.', '')} (rel oid, at tid)`,
      options,
    );
  const deleted = new Map<string, number>();
  const links = children.flatMap((child) =>
    child.keys.filter(({ policy }) => policy === 'delete').map((key) => ({ child, key })),
  );
  for (let found = links.length > 0; found;) {
    found = false;
    for (const { child, key } of links) {
      const [row] = await session.query<{ rows: number }>(
        `WITH gone AS (
  INSERT INTO ${goneTable(child)} SELECT c.tableoid, c.ctid FROM ${child.own} AS c
  WHERE ${isOrphanHere(key, children)} AND NOT ${isGone(child, 'c')} RETURNING 1
)
SELECT count(*)::int AS rows FROM gone`,
        [],
        options,
      );
      if (row === undefined || row.rows === 0) continue;
      found = true;
      const note = `of ${child.table.name} deleted, because what they referred to is gone (${nameOf(key)})`;
      deleted.set(note, (deleted.get(note) ?? 0) + row.rows);
    }
  }
  return [...deleted].map(([note, rows]) => `${counted(rows, 'row')} ${note}`);
}

function nameOf({ name, childTable }: ForeignKey): string {
  return foreignKeyName(name, childTable);
}

/** Stages the rows as they are to be. Null where none changes. */
async function stageChild(
  session: Session,
  child: Child,
  children: readonly Child[],
  options: Options,
): Promise<readonly string[] | null> {
  const { table, own, keys } = child;
  const nulled = keys.filter(({ policy }) => policy === 'setNull');
  const orphan = nulled.map((key) => isOrphanHere(key, children));
  await session.execute(stagingSql(table), options);
  const affected = [isGone(child, 'c'), ...orphan].join(' OR ');
  await session.execute(
    `INSERT INTO ${keysTable(table)} SELECT DISTINCT hash FROM (SELECT ${keyHash(table.compared)} AS hash FROM ${own} AS c WHERE ${affected}) AS found`,
    options,
  );
  const values = table.columns.map((name) => {
    const column = `c.${quoteIdentifier(name)}`;
    const nulls = nulled.flatMap(({ pairs }, index) =>
      pairs.some((pair) => pair.child === name) ? (orphan[index] ?? []) : [],
    );
    return nulls.length === 0 ? column : `CASE WHEN ${nulls.join(' OR ')} THEN NULL ELSE ${column} END`;
  });
  const into = table.columns.map((name) => columnOf(table, name)).join(', ');
  // All rows with these hashes: of two keys with one hash both are compared.
  await session.execute(
    `INSERT INTO ${newTable(table)} (${into}) SELECT ${values.join(', ')} FROM ${own} AS c
WHERE ${keyHash(table.compared)} IN (SELECT hash FROM ${keysTable(table)}) AND NOT ${isGone(child, 'c')}`,
    options,
  );
  const [found] = await session.query<{ any: boolean }>(
    `SELECT EXISTS (SELECT FROM ${keysTable(table)}) AS "any"`,
    [],
    options,
  );
  if (found?.any !== true) return null;
  const notes: string[] = [];
  for (const [index, key] of nulled.entries()) {
    const [row] = await session.query<{ rows: number }>(
      `SELECT count(*)::int AS rows FROM ${own} AS c WHERE ${orphan[index] ?? 'false'} AND NOT ${isGone(child, 'c')}`,
      [],
      options,
    );
    if (row !== undefined && row.rows > 0)
      notes.push(
        `${counted(row.rows, 'row')} of ${table.name} had ${key.pairs.map((pair) => pair.child).join(', ')} set to ` +
          `NULL, because what they referred to is gone (${nameOf(key)})`,
      );
  }
  return notes;
}
