import { sqlFile } from '../../lib/sql-file.ts';
import { qualifiedName, quoteIdentifier } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { displayName, displayQualified } from '../display-name.ts';
import { address, claim, draft, relationId } from '../draft.ts';
import type { Draft } from '../draft.ts';

const sql = sqlFile(import.meta.url, './defaults.sql');

interface DefaultRow {
  readonly oid: number;
  readonly relation: number;
  readonly relkind: string;
  readonly schema: string;
  readonly table: string;
  readonly column: number;
  readonly name: string;
  readonly generated: string;
  readonly named: boolean;
  readonly member: boolean;
  readonly expression: string;
}

export interface ColumnDefault {
  readonly relation: number;
  readonly column: number;
  readonly expression: string;
  /** Of an extension’s table: children may take it over, and the extension makes it. */
  readonly member: boolean;
  /** Null for a generation expression: it is the column, and stands nowhere else. */
  readonly part: Draft | null;
  readonly address: `pg_attrdef:${number}`;
}

export async function readDefaults(catalog: CatalogSession): Promise<readonly ColumnDefault[]> {
  const rows = await catalog.rows<DefaultRow>(sql);
  return rows.map((row) => ({
    relation: row.relation,
    column: row.column,
    expression: row.expression,
    member: row.member,
    part: row.generated === '' ? defaultDraft(row) : null,
    address: `pg_attrdef:${row.oid}`,
  }));
}

function defaultDraft(row: DefaultRow): Draft {
  const owner = relationId(row.relkind, row.relation);
  const column = `${displayQualified(row.schema, row.table)}.${displayName(row.name)}`;
  const alter = `ALTER TABLE ONLY ${qualifiedName(row.schema, row.table)} ALTER COLUMN ${quoteIdentifier(row.name)}`;
  const identity = `default of ${column}`;
  return draft({
    id: `default:${row.oid}`,
    kind: 'default',
    schema: row.schema,
    name: row.name,
    identity,
    section: 'pre-data',
    sql: `${alter} SET DEFAULT ${row.expression};`,
    dropSql: `${alter} DROP DEFAULT;`,
    partOf: owner,
    needs: [owner],
    claims: [claim(address('pg_attrdef', row.oid), identity, null)],
    // A view's CREATE has no place for a default, nor has a table's for a column that only its parents name.
    inlineIn: row.named ? owner : null,
    separateTo: 'pre-data',
    // Rows are loaded with every column named, so a default that needs post-data may wait for it.
    postponable: true,
  });
}
