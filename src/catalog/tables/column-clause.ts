import { quoteIdentifier } from '../../postgres/identifiers.ts';
import type { IsSeparate } from '../draft.ts';
import { collateClause } from './columns.ts';
import type { ColumnRow } from './columns.ts';
import { isGenerated, isNamed, parentColumns } from './inheritance.ts';
import type { TableColumns } from './inheritance.ts';
import { notNullClause, notNullPlace } from './not-null.ts';

/** A column as CREATE TABLE has it; null where it comes whole from a parent or from the table's type. */
export function columnClause(
  table: TableColumns,
  column: ColumnRow,
  parents: readonly TableColumns[],
  isSeparate: IsSeparate,
): string | null {
  const { row } = table;
  if (!isNamed(row, column)) return null;
  const clauses: string[] = [];
  const value = valueClause(table, column, parents, isSeparate);
  if (value !== null) clauses.push(value);
  if (notNullPlace(row, column, parents) === 'column') clauses.push(notNullClause(row, column, 'column'));
  const name = quoteIdentifier(column.name);
  if (row.ofType !== null) return clauses.length === 0 ? null : `${name} ${clauses.join(' ')}`;
  return [`${name} ${column.type}${collateClause(column)}`, ...clauses].join(' ');
}

/** A NOT NULL of this table's own on a column that only its parents name. */
export function notNullElement(
  { row }: TableColumns,
  column: ColumnRow,
  parents: readonly TableColumns[],
): string | null {
  return notNullPlace(row, column, parents) === 'element' ? notNullClause(row, column, 'element') : null;
}

function valueClause(
  { defaults }: TableColumns,
  column: ColumnRow,
  parents: readonly TableColumns[],
  isSeparate: IsSeparate,
): string | null {
  const value = defaults.get(column.number);
  if (isGenerated(value)) {
    // Said again it would be refused by servers before 16.
    if (inheritsExpression({ defaults }, column, parents)) return null;
    return generationClause(column, value.expression);
  }
  if (value?.part !== undefined && value.part !== null) {
    return isSeparate(value.part.id) ? null : `DEFAULT ${value.expression}`;
  }
  return lacksParentsDefault({ defaults }, column, parents) ? 'DEFAULT NULL' : null;
}

/** VIRTUAL is what the server of 18 takes when nothing is said; older ones know only STORED. */
function generationClause(column: ColumnRow, expression: string): string {
  return `GENERATED ALWAYS AS (${expression})${column.generated === 's' ? ' STORED' : ' VIRTUAL'}`;
}

/** Every parent that has the column generates it in the same way. */
export function inheritsExpression(
  { defaults }: Pick<TableColumns, 'defaults'>,
  column: ColumnRow,
  parents: readonly TableColumns[],
): boolean {
  const own = defaults.get(column.number)?.expression;
  const said = parentColumns(parents, column.name).filter(({ value }) => isGenerated(value));
  return said.length > 0 && said.every(({ value }) => value?.expression === own);
}

/** A parent has a default, which this table would inherit, but somebody dropped it here. */
export function lacksParentsDefault(
  { defaults }: Pick<TableColumns, 'defaults'>,
  column: ColumnRow,
  parents: readonly TableColumns[],
): boolean {
  return (
    !defaults.has(column.number) &&
    parentColumns(parents, column.name).some(({ value }) => value !== null && value.part !== null)
  );
}
