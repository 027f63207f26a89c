import { qualifiedName, quoteIdentifier } from '../../postgres/identifiers.ts';
import { displayName, displayQualified } from '../display-name.ts';
import { address, claim, draft, relationId } from '../draft.ts';
import type { Claim, Draft } from '../draft.ts';
import type { ColumnRow } from './columns.ts';
import { isNamed, parentColumns } from './inheritance.ts';
import type { TableColumns } from './inheritance.ts';
import { isLate } from './late-not-null.ts';
import type { TableRow } from './table-row.ts';

/**
 * Where a column's NOT NULL is written:
 *
 * - `none`: nowhere; it is not there, or comes from a parent (or its parents' statements after the rows)
 * - `column`: in the column's clause
 * - `element`: as an element of CREATE TABLE, for a column that only the parents name; servers since 18
 * - `alter`: by ALTER TABLE, for the same on older servers, where it has no name
 * - `dropped`: a parent has it and this table has not, which only servers before 18 allow
 * - `later`: NOT VALID: after the rows, which need not satisfy it; so does what such a parent brings
 */
export type NotNullPlace = 'none' | 'column' | 'element' | 'alter' | 'dropped' | 'later';

export function notNullPlace(
  row: TableRow,
  column: ColumnRow,
  parents: readonly TableColumns[],
): NotNullPlace {
  const named = isNamed(row, column);
  if (column.notNullOid !== null) {
    if (isLate(column)) return column.notNullLocal ? 'later' : 'none';
    if (row.partition) return 'column';
    if (!column.notNullLocal) return 'none';
    return named ? 'column' : 'element';
  }
  const inherited = parentColumns(parents, column.name).some((parent) => parent.column.notNull);
  if (!column.notNull) return inherited ? 'dropped' : 'none';
  if (inherited) return 'none';
  return named ? 'column' : 'alter';
}

/** As it stands in a column's clause, or before a column's name as an element. */
export function notNullClause(row: TableRow, column: ColumnRow, place: 'column' | 'element'): string {
  const name = notNullName(row, column);
  const on = place === 'element' ? ` ${quoteIdentifier(column.name)}` : '';
  return `${name}NOT NULL${on}${column.notNullNoInherit ? ' NO INHERIT' : ''}`;
}

/** The name is written only where the target would not choose it by itself, as servers before 18 have none. */
function notNullName(row: TableRow, column: ColumnRow): string {
  const { name, notNullName, notNullShared } = column;
  if (notNullName === null) return '';
  // Where parents have one as well, it is theirs that would be chosen.
  const chosen = row.parents.length === 0 || row.partition ? `${row.name}_${name}_not_null` : null;
  return notNullName === chosen && !notNullShared ? '' : `CONSTRAINT ${quoteIdentifier(notNullName)} `;
}

/** The NOT NULL constraints (18) that are there as soon as the table is. */
export function notNullClaims(row: TableRow, columns: readonly ColumnRow[]): Claim[] {
  return columns.flatMap((column): Claim[] => {
    const { notNullOid, notNullName: name } = column;
    if (notNullOid === null || name === null || isLate(column)) return [];
    return [
      claim(
        address('pg_constraint', notNullOid),
        notNullIdentity(row, name),
        notNullComment(row, name),
        null,
        18,
      ),
    ];
  });
}

/**
 * Those that come after the rows (`isLate`); one that a parent's statement brings has none of its own, but where it
 * is valid here and not there. `below`: the tables that get one too when this table does.
 */
export function notNullDrafts(
  { row, columns }: TableColumns,
  parents: readonly TableColumns[],
  below: readonly TableColumns[],
): Draft[] {
  const owner = relationId(row.relkind, row.oid);
  const quoted = qualifiedName(row.schema, row.name);
  return columns.flatMap((column): Draft[] => {
    const { notNullOid, notNullName: name } = column;
    if (notNullOid === null || name === null || !isLate(column)) return [];
    const constraint = quoteIdentifier(name);
    const noInherit = column.notNullNoInherit ? ' NO INHERIT' : '';
    const identity = notNullIdentity(row, name);
    const own = column.notNullLocal;
    // A child's own comes before its parent's, or it would get the parent's name; one that only the parent brings,
    // after.
    const others = own
      ? parentColumns(below, column.name).filter((child) => child.column.notNullLocal)
      : parentColumns(parents, column.name);
    // Validating a table validates the tables below it as well.
    const isValidatedFirst =
      column.notNullValidatedAfter && !others.some((other) => other.column.notNullValidatedAfter);
    const otherIds = others.flatMap((other) =>
      other.column.notNullOid !== null && isLate(other.column) ? [notNullId(other.column.notNullOid)] : [],
    );
    return [
      draft({
        id: notNullId(notNullOid),
        kind: 'not-null constraint',
        schema: row.schema,
        name,
        identity,
        section: 'post-data',
        sql: own
          ? `ALTER TABLE ${quoted} ADD CONSTRAINT ${constraint} NOT NULL ${quoteIdentifier(column.name)}${noInherit} NOT VALID;`
          : isValidatedFirst
            ? `ALTER TABLE ${quoted} VALIDATE CONSTRAINT ${constraint};`
            : '',
        dropSql: own ? `ALTER TABLE ${quoted} DROP CONSTRAINT ${constraint};` : null,
        partOf: owner,
        needs: [owner, ...otherIds],
        claims: [claim(address('pg_constraint', notNullOid), identity, notNullComment(row, name), null, 18)],
        locks: [row, ...below.map((table) => table.row)].map(({ relkind, oid }) => ({
          table: relationId(relkind, oid),
          mode: 'exclusive' as const,
        })),
        minServerMajor: 18,
      }),
    ];
  });
}

function notNullId(oid: number): string {
  return `not-null constraint:${oid}`;
}

function notNullIdentity(row: TableRow, constraint: string): string {
  return `not-null constraint ${displayName(constraint)} on ${displayQualified(row.schema, row.name)}`;
}

function notNullComment(row: TableRow, constraint: string): string {
  return `CONSTRAINT ${quoteIdentifier(constraint)} ON ${qualifiedName(row.schema, row.name)}`;
}
