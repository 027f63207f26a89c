import { sqlFile } from '../../lib/sql-file.ts';
import { quoteIdentifier } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { displayName } from '../display-name.ts';
import { address, claim, draft } from '../draft.ts';
import type { Draft } from '../draft.ts';
import { groupBy } from '../group-by.ts';
import { privilegeStatements, undoStatements, versionOf } from './privilege-statements.ts';

const sql = sqlFile(import.meta.url, './default-privileges.sql');

interface DefaultPrivilegeRow {
  readonly oid: number;
  readonly role: string;
  /** Null is every schema. */
  readonly schema: string | null;
  /** Letter of `pg_default_acl.defaclobjtype`. */
  readonly type: string;
  readonly action: 'grant' | 'revoke';
  /** Null is PUBLIC. */
  readonly grantee: string | null;
  readonly privileges: readonly string[] | null;
  readonly grantable: readonly string[] | null;
  readonly allPrivileges: number;
}

const objectTypes: Readonly<Record<string, string>> = {
  r: 'TABLES',
  S: 'SEQUENCES',
  f: 'FUNCTIONS',
  T: 'TYPES',
  n: 'SCHEMAS',
  L: 'LARGE OBJECTS',
};

/**
 * Privileges that later objects of a role will get. They are set last, so that objects of the model do not get them
 * on top of their own grants. `made`: all drafts, of which functions and materialized views may be made as late as
 * after the rows.
 */
export async function readDefaultPrivileges(
  catalog: CatalogSession,
  made: readonly Draft[],
): Promise<readonly Draft[]> {
  const rows = groupBy(await catalog.rows<DefaultPrivilegeRow>(sql), ({ oid }) => oid);
  const schemas = new Map(made.filter(({ kind }) => kind === 'schema').map(({ name, id }) => [name, id]));
  const late = made.filter(({ postponable, inlineIn }) => postponable && inlineIn === null);
  return [...rows.values()].flatMap((items): Draft[] => {
    const [first] = items;
    if (first === undefined) return [];
    const on = objectTypes[first.type];
    const schema = first.schema === null ? undefined : schemas.get(first.schema);
    // A kind of a newer server: left to be reported as what it is.
    if (on === undefined) return [];
    const needs = [...(schema === undefined ? [] : [schema]), ...late.map(({ id }) => id)];
    return [defaultPrivilegesDraft(first, items, { on, needs, schema: schema ?? null })];
  });
}

interface Place {
  readonly on: string;
  readonly needs: readonly string[];
  /** Id of the schema; null for all, and for one that an extension brings (`pg_depend` names that one). */
  readonly schema: string | null;
}

function defaultPrivilegesDraft(
  first: DefaultPrivilegeRow,
  items: readonly DefaultPrivilegeRow[],
  { on, needs, schema }: Place,
): Draft {
  const place = first.schema === null ? '' : ` IN SCHEMA ${quoteIdentifier(first.schema)}`;
  const alter = `ALTER DEFAULT PRIVILEGES FOR ROLE ${quoteIdentifier(first.role)}${place} `;
  const whole = items.map((item) => ({ ...item, column: null, grantor: null }));
  const identity =
    `default privileges of role ${displayName(first.role)} on ${on.toLowerCase()}` +
    (first.schema === null ? '' : ` in schema ${displayName(first.schema)}`);
  const grantees = items.map(({ grantee }) => grantee).filter((grantee) => grantee !== null);
  return draft({
    id: `default privileges:${first.oid}`,
    kind: 'privileges',
    schema: first.schema,
    name: first.role,
    identity,
    section: 'post-data',
    sql: whole
      .flatMap((item) => privilegeStatements(item, on).map((statement) => `${alter}${statement}`))
      .join('\n'),
    dropSql: undoStatements(whole, on)
      .map((statement) => `${alter}${statement}`)
      .join('\n'),
    facts: { forRole: first.role },
    partOf: schema,
    needs,
    claims: [claim(address('pg_default_acl', first.oid), identity, null)],
    roles: [...new Set([first.role, ...grantees])].sort(),
    minServerMajor: first.type === 'L' ? 18 : versionOf(whole),
  });
}
