import { qualifiedName, quoteIdentifier } from '../../postgres/identifiers.ts';
import { checkClause } from '../constraints/check-constraint.ts';
import type { ConstraintRow } from '../constraints/constraint-row.ts';
import { displayName, displayQualified } from '../display-name.ts';
import { address, claim, draft } from '../draft.ts';
import type { Draft, IsSeparate } from '../draft.ts';
import { optionList, withOptions } from '../storage-options.ts';
import { collateClause, columnSettings } from './columns.ts';
import type { ColumnRow } from './columns.ts';
import type { ColumnDefault } from './defaults.ts';
import { isInlineNotNull, notNullClaims, notNullDrafts } from './not-null.ts';
import type { TableRow } from './table-row.ts';

export interface TableParts {
  readonly columns: readonly ColumnRow[];
  /** By number of the column. */
  readonly defaults: ReadonlyMap<number, ColumnDefault>;
  /** Those that may stand inside CREATE TABLE. */
  readonly checks: readonly ConstraintRow[];
}

/**
 * The table, its place in a partition tree, its NOT VALID NOT NULL constraints. A partition is made as a plain table
 * with all its columns and checks, then attached: that keeps its own column order and its own indexes.
 */
export function tableDrafts(row: TableRow, parts: TableParts, parent: TableRow | null): Draft[] {
  const drafts = [tableDraft(row, parts), ...notNullDrafts(row, parts.columns)];
  if (parent !== null && row.bound !== null) drafts.push(attachDraft(row, parent, row.bound));
  return drafts;
}

function tableDraft(row: TableRow, parts: TableParts): Draft {
  const quoted = qualifiedName(row.schema, row.name);
  const identity = `table ${displayQualified(row.schema, row.name)}`;
  const generated = [...parts.defaults.values()].filter(({ part }) => part === null);
  return draft({
    id: `table:${row.oid}`,
    kind: 'table',
    schema: row.schema,
    name: row.name,
    identity,
    section: 'pre-data',
    sql: (isSeparate) => tableSql(row, parts, isSeparate),
    dropSql: `DROP TABLE ${quoted};`,
    claims: [
      claim(address('pg_class', row.oid), identity, `TABLE ${quoted}`, quoted),
      ...generated.map((expression) => claim(expression.address, identity, null)),
      ...notNullClaims(row, parts.columns),
    ],
    owner: { role: row.owner, alter: `TABLE ${quoted}` },
  });
}

function tableSql(row: TableRow, parts: TableParts, isSeparate: IsSeparate): string {
  const quoted = qualifiedName(row.schema, row.name);
  const elements = [
    ...parts.columns.map((column) => columnClause(row, column, parts.defaults, isSeparate)),
    ...parts.checks
      .filter((check) => !isSeparate(`check constraint:${check.oid}`))
      .map((check) => checkClause(check)),
  ];
  const unlogged = row.persistence === 'u' && row.relkind === 'r' ? 'UNLOGGED ' : '';
  const options = withOptions([...optionList(row.options), ...optionList(row.toastOptions, 'toast.')]);
  const body = elements.length === 0 ? '' : `\n  ${elements.join(',\n  ')}\n`;
  const statements = [
    `CREATE ${unlogged}TABLE ${quoted} (${body})` +
      `${row.partitionKey === null ? '' : `\nPARTITION BY ${row.partitionKey}`}${options};`,
    ...columnSettings(quoted, parts.columns),
  ];
  if (row.replicaIdentity === 'n') statements.push(`ALTER TABLE ONLY ${quoted} REPLICA IDENTITY NOTHING;`);
  if (row.replicaIdentity === 'f') statements.push(`ALTER TABLE ONLY ${quoted} REPLICA IDENTITY FULL;`);
  return statements.join('\n');
}

function columnClause(
  row: TableRow,
  column: ColumnRow,
  defaults: TableParts['defaults'],
  isSeparate: IsSeparate,
): string {
  const clauses = [`${quoteIdentifier(column.name)} ${column.type}${collateClause(column)}`];
  const value = defaults.get(column.number);
  if (value !== undefined && value.part === null) {
    // VIRTUAL is what the server of 18 takes when nothing is said; older ones know only STORED.
    clauses.push(
      `GENERATED ALWAYS AS (${value.expression})${column.generated === 's' ? ' STORED' : ' VIRTUAL'}`,
    );
  } else if (value !== undefined && value.part !== null && !isSeparate(value.part.id)) {
    clauses.push(`DEFAULT ${value.expression}`);
  }
  if (isInlineNotNull(column)) {
    clauses.push(`${notNullName(row, column)}NOT NULL${column.notNullNoInherit ? ' NO INHERIT' : ''}`);
  }
  return clauses.join(' ');
}

/** The name is written only where the target would not choose it by itself, as servers before 18 have none. */
function notNullName(row: TableRow, { name, notNullName }: ColumnRow): string {
  return notNullName === null || notNullName === `${row.name}_${name}_not_null`
    ? ''
    : `CONSTRAINT ${quoteIdentifier(notNullName)} `;
}

function attachDraft(row: TableRow, parent: TableRow, bound: string): Draft {
  const child = qualifiedName(row.schema, row.name);
  const alter = `ALTER TABLE ONLY ${qualifiedName(parent.schema, parent.name)}`;
  const own = `table:${row.oid}`;
  return draft({
    id: `partition attach:${row.oid}`,
    kind: 'partition attach',
    schema: row.schema,
    name: row.name,
    identity: `attachment of partition ${displayQualified(row.schema, row.name)} to ${displayQualified(parent.schema, parent.name)}`,
    section: 'pre-data',
    sql: `${alter} ATTACH PARTITION ${child} ${bound};`,
    dropSql: `ALTER TABLE ${qualifiedName(parent.schema, parent.name)} DETACH PARTITION ${child};`,
    partOf: own,
    needs: [own, `table:${parent.oid}`],
  });
}

/** What makes a table one that this project cannot make again, in words. */
export function tableObstacles(row: TableRow): string[] {
  const obstacles: string[] = [];
  if (row.ofType !== null) obstacles.push('made OF a type');
  if (row.parents.length > 0 && !row.partition) obstacles.push('inheriting from another table');
  if (row.detachPending) obstacles.push('with a pending DETACH PARTITION');
  if (row.accessMethod !== null) obstacles.push(`using access method ${displayName(row.accessMethod)}`);
  if (row.tablespace !== null) obstacles.push(`in tablespace ${displayName(row.tablespace)}`);
  return obstacles;
}
