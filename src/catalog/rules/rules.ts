import { sqlFile } from '../../lib/sql-file.ts';
import { qualifiedName, quoteIdentifier } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { displayName, displayQualified } from '../display-name.ts';
import { address, claim, draft, relationId } from '../draft.ts';
import type { Draft } from '../draft.ts';
import type { UnsupportedObject } from '../model.ts';
import { readableQuery } from '../readable-query.ts';
import { unsupported } from '../unsupported/unsupported.ts';

const sql = sqlFile(import.meta.url, './rules.sql');

interface RuleRow {
  readonly oid: number;
  readonly name: string;
  readonly table: number;
  readonly relkind: string;
  readonly schema: string;
  readonly tableName: string;
  /** `O` origin (normal), `D` disabled, `R` replica, `A` always. */
  readonly state: string;
  /** Ends with a semicolon. */
  readonly definition: string;
}

export interface Rules {
  readonly drafts: readonly Draft[];
  readonly unsupported: readonly UnsupportedObject[];
}

const states: Readonly<Record<string, string>> = {
  D: 'DISABLE',
  R: 'ENABLE REPLICA',
  A: 'ENABLE ALWAYS',
};

export async function readRules(catalog: CatalogSession): Promise<Rules> {
  const rows = (await catalog.rows<RuleRow>(sql)).map((row) => ({
    ...row,
    definition: readableQuery(row.definition),
  }));
  return {
    drafts: rows.map((row) => ruleDraft(row)),
    // The server keeps this name for the query of a view, and refuses to make another rule of it.
    unsupported: rows
      .filter(({ name }) => name === '_RETURN')
      .map((row) =>
        unsupported(ruleIdentity(row), {
          obstacle: 'whose name is reserved for the queries of views',
          table: relationId(row.relkind, row.table),
          objects: [`rule:${row.oid}`],
        }),
      ),
  };
}

function ruleIdentity(row: RuleRow): string {
  return `rule ${displayName(row.name)} on ${displayQualified(row.schema, row.tableName)}`;
}

function ruleDraft(row: RuleRow): Draft {
  const table = qualifiedName(row.schema, row.tableName);
  const rule = quoteIdentifier(row.name);
  const identity = ruleIdentity(row);
  const owner = relationId(row.relkind, row.table);
  const state = states[row.state];
  const alter = state === undefined ? '' : `\nALTER TABLE ${table} ${state} RULE ${rule};`;
  return draft({
    id: `rule:${row.oid}`,
    kind: 'rule',
    schema: row.schema,
    name: row.name,
    identity,
    section: 'post-data',
    sql: `${row.definition}${alter}`,
    dropSql: `DROP RULE ${rule} ON ${table};`,
    partOf: owner,
    needs: [owner],
    claims: [claim(address('pg_rewrite', row.oid), identity, `RULE ${rule} ON ${table}`)],
    locks: [{ table: owner, mode: 'exclusive' }],
  });
}
