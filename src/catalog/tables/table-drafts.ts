import { qualifiedName } from '../../postgres/identifiers.ts';
import { displayQualified } from '../display-name.ts';
import { address, claim, draft, rowTypeClaim } from '../draft.ts';
import type { Draft } from '../draft.ts';
import { tablespacesOf } from '../storage-options.ts';
import { createTable, createTableMajor, tableId } from './create-table.ts';
import type { NewTable } from './create-table.ts';
import { isGenerated } from './inheritance.ts';
import type { TableColumns } from './inheritance.ts';
import { notNullClaims, notNullDrafts } from './not-null.ts';
import type { TableRow } from './table-row.ts';

/** Where a table stands among others. */
export interface TableTree {
  /** Of a partition. */
  readonly partitionOf: TableColumns | null;
  /** All tables that inherit from it or are part of it, however far. */
  readonly below: readonly TableColumns[];
}

/**
 * The table, its place in a partition tree, its NOT VALID NOT NULL constraints. A partition is made as a plain table
 * with all its columns and checks, then attached: that keeps its own column order and its own indexes.
 */
export function tableDrafts(table: NewTable, { partitionOf, below }: TableTree): Draft[] {
  const { row, parents } = table;
  const above = partitionOf === null ? parents : [partitionOf];
  const drafts = [tableDraft(table), ...notNullDrafts(table, above, below)];
  if (partitionOf !== null && row.bound !== null) drafts.push(attachDraft(row, partitionOf.row, row.bound));
  return drafts;
}

export function tableIdentity({ relkind, schema, name }: TableRow): string {
  return `${relkind === 'f' ? 'foreign table' : 'table'} ${displayQualified(schema, name)}`;
}

function tableDraft(table: NewTable): Draft {
  const { row, columns, defaults } = table;
  const quoted = qualifiedName(row.schema, row.name);
  const identity = tableIdentity(row);
  const kind = row.relkind === 'f' ? 'foreign table' : 'table';
  const words = kind.toUpperCase();
  return draft({
    id: tableId(row),
    kind,
    schema: row.schema,
    name: row.name,
    identity,
    section: 'pre-data',
    sql: (isSeparate) => createTable(table, isSeparate),
    dropSql: `DROP ${words} ${quoted};`,
    claims: [
      claim(address('pg_class', row.oid), identity, `${words} ${quoted}`, quoted),
      rowTypeClaim(row),
      ...[...defaults.values()]
        .filter((value) => isGenerated(value))
        .map((expression) => claim(expression.address, identity, null)),
      ...notNullClaims(row, columns),
    ],
    owner: { role: row.owner, alter: `${words} ${quoted}` },
    tablespaces: tablespacesOf(row.tablespace),
    minServerMajor: createTableMajor(table),
  });
}

function attachDraft(row: TableRow, parent: TableRow, bound: string): Draft {
  const child = qualifiedName(row.schema, row.name);
  const alter = `ALTER TABLE ONLY ${qualifiedName(parent.schema, parent.name)}`;
  const own = tableId(row);
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
    needs: parent.member ? [own] : [own, tableId(parent)],
  });
}
