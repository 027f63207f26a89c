import { qualifiedName, quoteIdentifier } from '../../postgres/identifiers.ts';
import { displayName, displayQualified } from '../display-name.ts';
import { draft } from '../draft.ts';
import type { Draft } from '../draft.ts';
import type { ColumnRow } from './columns.ts';
import type { TableRow } from './table-row.ts';

export function isInlineNotNull(column: ColumnRow): boolean {
  return column.notNull && (column.notNullOid === null || column.notNullValidated);
}

export function notNullIdentity(row: TableRow, constraint: string): string {
  return `not-null constraint ${displayName(constraint)} on ${displayQualified(row.schema, row.name)}`;
}

/** NOT VALID ones (18) come after the rows, which need not satisfy them; partitions get theirs from the parent. */
export function notNullDrafts(row: TableRow, columns: readonly ColumnRow[]): Draft[] {
  const owner = `table:${row.oid}`;
  const quoted = qualifiedName(row.schema, row.name);
  return columns.flatMap((column): Draft[] => {
    const { notNullOid, notNullName } = column;
    if (notNullOid === null || notNullName === null || column.notNullValidated || !column.notNullLocal) {
      return [];
    }
    const constraint = quoteIdentifier(notNullName);
    const noInherit = column.notNullNoInherit ? ' NO INHERIT' : '';
    return [
      draft({
        id: `not-null constraint:${notNullOid}`,
        kind: 'not-null constraint',
        schema: row.schema,
        name: notNullName,
        identity: notNullIdentity(row, notNullName),
        section: 'post-data',
        sql: `ALTER TABLE ${quoted} ADD CONSTRAINT ${constraint} NOT NULL ${quoteIdentifier(column.name)}${noInherit} NOT VALID;`,
        dropSql: `ALTER TABLE ${quoted} DROP CONSTRAINT ${constraint};`,
        partOf: owner,
        needs: [owner],
        locks: [{ table: owner, mode: 'exclusive' }],
      }),
    ];
  });
}
