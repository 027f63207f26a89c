import { sqlFile } from '../../lib/sql-file.ts';
import { qualifiedName, quoteIdentifier } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { displayName, displayQualified } from '../display-name.ts';
import { address, claim, draft } from '../draft.ts';
import type { Draft } from '../draft.ts';
import type { TableRow } from '../tables/table-row.ts';

const sql = sqlFile(import.meta.url, './policies.sql');

interface PolicyRow {
  readonly oid: number;
  readonly name: string;
  readonly table: number;
  readonly schema: string;
  readonly tableName: string;
  readonly permissive: boolean;
  /** `r`, `a`, `w`, `d`, or `*` for all. */
  readonly command: string;
  /** Null is PUBLIC. */
  readonly roles: readonly (string | null)[];
  readonly using: string | null;
  readonly check: string | null;
}

const commands: Readonly<Record<string, string>> = {
  r: 'SELECT',
  a: 'INSERT',
  w: 'UPDATE',
  d: 'DELETE',
  '*': 'ALL',
};

export async function readPolicies(
  catalog: CatalogSession,
  tables: readonly TableRow[],
): Promise<readonly Draft[]> {
  const rows = await catalog.rows<PolicyRow>(sql);
  return [
    ...rows.map((row) => policyDraft(row)),
    ...tables
      .filter(({ rowSecurity, forceRowSecurity }) => rowSecurity || forceRowSecurity)
      .map((row) => rowSecurityDraft(row)),
  ];
}

function policyDraft(row: PolicyRow): Draft {
  const table = qualifiedName(row.schema, row.tableName);
  const policy = quoteIdentifier(row.name);
  const identity = `policy ${displayName(row.name)} on ${displayQualified(row.schema, row.tableName)}`;
  const owner = `table:${row.table}`;
  const roles = row.roles.map((role) => (role === null ? 'PUBLIC' : quoteIdentifier(role)));
  return draft({
    id: `policy:${row.oid}`,
    kind: 'policy',
    schema: row.schema,
    name: row.name,
    identity,
    section: 'post-data',
    sql: [
      `CREATE POLICY ${policy} ON ${table} AS ${row.permissive ? 'PERMISSIVE' : 'RESTRICTIVE'}`,
      `FOR ${commands[row.command] ?? 'ALL'} TO ${roles.join(', ')}`,
      ...(row.using === null ? [] : [`USING (${row.using})`]),
      ...(row.check === null ? [] : [`WITH CHECK (${row.check})`]),
    ]
      .join('\n  ')
      .concat(';'),
    dropSql: `DROP POLICY ${policy} ON ${table};`,
    partOf: owner,
    needs: [owner],
    claims: [claim(address('pg_policy', row.oid), identity, `POLICY ${policy} ON ${table}`)],
    locks: [{ table: owner, mode: 'exclusive' }],
    roles: row.roles.filter((role) => role !== null),
  });
}

/**
 * After the rows: COPY is refused on a table whose row-level security applies to the role
 * (docs/facts/postgresql.md#row-level-security).
 */
function rowSecurityDraft(row: TableRow): Draft {
  const table = qualifiedName(row.schema, row.name);
  const owner = `table:${row.oid}`;
  const set: string[] = [];
  const undo: string[] = [];
  if (row.rowSecurity) {
    set.push(`ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;`);
    undo.push(`ALTER TABLE ${table} DISABLE ROW LEVEL SECURITY;`);
  }
  if (row.forceRowSecurity) {
    set.push(`ALTER TABLE ONLY ${table} FORCE ROW LEVEL SECURITY;`);
    undo.push(`ALTER TABLE ONLY ${table} NO FORCE ROW LEVEL SECURITY;`);
  }
  return draft({
    id: `row security:${row.oid}`,
    kind: 'row security',
    schema: row.schema,
    name: row.name,
    identity: `row security of ${displayQualified(row.schema, row.name)}`,
    section: 'post-data',
    sql: set.join('\n'),
    dropSql: undo.join('\n'),
    facts: row.rowSecurity && row.forceRowSecurity ? { forced: true } : {},
    partOf: owner,
    needs: [owner],
    locks: [{ table: owner, mode: 'exclusive' }],
  });
}
