import { qualifiedName, quoteIdentifier } from '../../postgres/identifiers.ts';
import { displayName, displayQualified } from '../display-name.ts';
import { address, claim, draft } from '../draft.ts';
import type { Claim, Draft } from '../draft.ts';
import type { ColumnRow } from './columns.ts';
import type { TableRow } from './table-row.ts';

export function isInlineNotNull(column: ColumnRow): boolean {
  return column.notNull && (column.notNullOid === null || column.notNullValidated);
}

/** The NOT NULL constraints (18) that stand inside CREATE TABLE, or that a partition gets from its parent. */
export function notNullClaims(row: TableRow, columns: readonly ColumnRow[]): Claim[] {
  return columns.flatMap((column): Claim[] => {
    const { notNullOid, notNullName } = column;
    if (notNullOid === null || notNullName === null || isSeparate(column)) return [];
    const commentOn = isInlineNotNull(column) ? notNullComment(row, notNullName) : null;
    return [claim(address('pg_constraint', notNullOid), notNullIdentity(row, notNullName), commentOn)];
  });
}

/** NOT VALID ones come after the rows, which need not satisfy them. */
export function notNullDrafts(row: TableRow, columns: readonly ColumnRow[]): Draft[] {
  const owner = `table:${row.oid}`;
  const quoted = qualifiedName(row.schema, row.name);
  return columns.flatMap((column): Draft[] => {
    const { notNullOid, notNullName } = column;
    if (notNullOid === null || notNullName === null || !isSeparate(column)) return [];
    const constraint = quoteIdentifier(notNullName);
    const noInherit = column.notNullNoInherit ? ' NO INHERIT' : '';
    const identity = notNullIdentity(row, notNullName);
    return [
      draft({
        id: `not-null constraint:${notNullOid}`,
        kind: 'not-null constraint',
        schema: row.schema,
        name: notNullName,
        identity,
        section: 'post-data',
        sql: `ALTER TABLE ${quoted} ADD CONSTRAINT ${constraint} NOT NULL ${quoteIdentifier(column.name)}${noInherit} NOT VALID;`,
        dropSql: `ALTER TABLE ${quoted} DROP CONSTRAINT ${constraint};`,
        partOf: owner,
        needs: [owner],
        claims: [claim(address('pg_constraint', notNullOid), identity, notNullComment(row, notNullName))],
        locks: [{ table: owner, mode: 'exclusive' }],
      }),
    ];
  });
}

/** A partition's comes with its parent's. */
function isSeparate(column: ColumnRow): boolean {
  return column.notNullOid !== null && !column.notNullValidated && column.notNullLocal;
}

function notNullIdentity(row: TableRow, constraint: string): string {
  return `not-null constraint ${displayName(constraint)} on ${displayQualified(row.schema, row.name)}`;
}

function notNullComment(row: TableRow, constraint: string): string {
  return `CONSTRAINT ${quoteIdentifier(constraint)} ON ${qualifiedName(row.schema, row.name)}`;
}
