import { qualifiedName, quoteIdentifier } from '../../postgres/identifiers.ts';
import { checkClause } from '../constraints/check-constraint.ts';
import type { ConstraintRow } from '../constraints/constraint-row.ts';
import { relationId } from '../draft.ts';
import type { IsSeparate } from '../draft.ts';
import {
  foreignOptions,
  optionList,
  optionsMajor,
  tablespaceClause,
  withOptions,
} from '../storage-options.ts';
import { columnClause, inheritsExpression, lacksParentsDefault, notNullElement } from './column-clause.ts';
import { columnSettings, columnSettingsMajor, setStorage } from './columns.ts';
import type { ColumnRow } from './columns.ts';
import { isGenerated, isNamed, parentColumns } from './inheritance.ts';
import type { TableColumns } from './inheritance.ts';
import { notNullPlace } from './not-null.ts';

export interface NewTable extends TableColumns {
  /** Those that may stand inside CREATE TABLE. */
  readonly checks: readonly ConstraintRow[];
  /** The tables it inherits from, in order; none for a partition, which is attached afterwards. */
  readonly parents: readonly TableColumns[];
}

/** One by an index comes with the index. */
const replicaIdentities: Readonly<Record<string, string>> = { n: 'NOTHING', f: 'FULL' };

export function createTable(table: NewTable, isSeparate: IsSeparate): string {
  const { row, columns } = table;
  const quoted = qualifiedName(row.schema, row.name);
  const statements = [
    `${createStatement(table, isSeparate)};`,
    ...columns.flatMap((column) => inheritedColumn(table, column)),
    ...columnSettings(quoted, compressible(row, columns)),
    ...columns.flatMap((column) => ownStorage(table, column)),
  ];
  const identity = replicaIdentities[row.replicaIdentity];
  // Foreign tables have none, whatever their row says.
  if (identity !== undefined && row.relkind !== 'f') {
    statements.push(`ALTER TABLE ONLY ${quoted} REPLICA IDENTITY ${identity};`);
  }
  return statements.join('\n');
}

function createStatement(table: NewTable, isSeparate: IsSeparate): string {
  const { row, columns, parents } = table;
  const elements = [
    ...columns.map((column) => columnClause(table, column, parents, isSeparate)),
    ...columns.map((column) => notNullElement(table, column, parents)),
    ...table.checks
      .filter(({ local, oid }) => (local || row.partition) && !isSeparate(`check constraint:${oid}`))
      .map((check) => checkClause(check)),
  ].filter((element) => element !== null);
  const body = elements.length === 0 ? '' : `\n  ${elements.join(',\n  ')}\n`;
  const names = parents.map((parent) => qualifiedName(parent.row.schema, parent.row.name));
  // Servers since 18 refuse UNLOGGED for a partitioned table, where it never meant anything.
  const kind =
    row.relkind === 'f' ? 'FOREIGN ' : row.persistence === 'u' && row.relkind === 'r' ? 'UNLOGGED ' : '';
  return [
    `CREATE ${kind}TABLE ${qualifiedName(row.schema, row.name)}`,
    row.ofType === null ? ` (${body})` : ` OF ${row.ofType}${body === '' ? '' : ` (${body})`}`,
    names.length === 0 ? '' : `\nINHERITS (${names.join(', ')})`,
    row.partitionKey === null ? '' : `\nPARTITION BY ${row.partitionKey}`,
    row.server === null ? '' : `\nSERVER ${quoteIdentifier(row.server)}`,
    row.accessMethod === null ? '' : `\nUSING ${quoteIdentifier(row.accessMethod)}`,
    withOptions([...optionList(row.options), ...optionList(row.toastOptions, 'toast.')]),
    tablespaceClause(row.tablespace),
    foreignOptions(row.foreignOptions),
  ].join('');
}

/**
 * Properties of this table's own on a column that only the parents name; defaults are objects of their own
 * (defaults.ts).
 */
function inheritedColumn(table: NewTable, column: ColumnRow): string[] {
  const { row, defaults, parents } = table;
  const alter = `ALTER TABLE ONLY ${qualifiedName(row.schema, row.name)} ALTER COLUMN ${quoteIdentifier(column.name)}`;
  const statements: string[] = [];
  const place = notNullPlace(row, column, parents);
  if (place === 'alter') statements.push(`${alter} SET NOT NULL;`);
  if (place === 'dropped') statements.push(`${alter} DROP NOT NULL;`);
  if (isNamed(row, column)) return statements;
  const value = defaults.get(column.number);
  if (isGenerated(value) && !inheritsExpression(table, column, parents)) {
    statements.push(`${alter} SET EXPRESSION AS (${value.expression});`);
  }
  if (lacksParentsDefault(table, column, parents)) statements.push(`${alter} SET DEFAULT NULL;`);
  return statements;
}

/** A foreign table may get a compression from a parent, which means nothing there and cannot be set. */
function compressible({ relkind }: NewTable['row'], columns: readonly ColumnRow[]): readonly ColumnRow[] {
  return relkind === 'f' ? columns.map((column) => ({ ...column, compression: null })) : columns;
}

/** A child gets its parents' storage and compression, but may have other ones in the source. */
function ownStorage({ row, parents }: NewTable, column: ColumnRow): string[] {
  const said = parentColumns(parents, column.name).map((parent) => parent.column);
  const alter = `ALTER TABLE ONLY ${qualifiedName(row.schema, row.name)} ALTER COLUMN ${quoteIdentifier(column.name)}`;
  const statements: string[] = [];
  if (column.storage === null && said.some(({ storage }) => storage !== null)) {
    statements.push(`${alter} ${setStorage(column.typeStorage)};`);
  }
  const compressed = said.some(({ compression }) => compression !== null);
  if (row.relkind !== 'f' && column.compression === null && compressed) {
    statements.push(`${alter} SET COMPRESSION DEFAULT;`);
  }
  return statements;
}

/** The oldest servers that understand what `createTable` writes. */
export function createTableMajor({ row, columns, defaults, parents }: NewTable): number {
  const majors = [
    optionsMajor(row.options),
    optionsMajor(row.toastOptions),
    columnSettingsMajor(compressible(row, columns)),
    row.relkind === 'p' && row.accessMethod !== null ? 17 : 0,
  ];
  for (const column of columns) {
    const place = notNullPlace(row, column, parents);
    if (column.generated === 'v') majors.push(18);
    if (place === 'element' || (place === 'column' && column.notNullNoInherit)) majors.push(18);
    if (!isGenerated(defaults.get(column.number))) continue;
    const says = parentColumns(parents, column.name).some(({ value }) => isGenerated(value));
    if (says && !inheritsExpression({ defaults }, column, parents))
      majors.push(isNamed(row, column) ? 16 : 17);
  }
  return Math.max(...majors);
}

export function tableId({ relkind, oid }: TableColumns['row']): string {
  return relationId(relkind, oid);
}
