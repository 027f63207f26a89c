import { sqlFile } from '../../lib/sql-file.ts';
import { qualifiedName, quoteIdentifier } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { displayName, displayQualified, oneLine } from '../display-name.ts';
import { address, draft } from '../draft.ts';
import type { Address, Draft } from '../draft.ts';
import { groupBy } from '../group-by.ts';
import { ownerId } from '../owners/owners.ts';
import { publicSchema } from '../schemas/public-schema.ts';
import { inGrantOrder } from './grant-order.ts';
import { privilegeStatements, undoStatements, versionOf } from './privilege-statements.ts';

const sql = sqlFile(import.meta.url, './privileges.sql');

export interface PrivilegeRow {
  readonly catalog: string;
  readonly oid: number;
  /** What GRANT calls it. */
  readonly kind:
    | 'table'
    | 'sequence'
    | 'schema'
    | 'function'
    | 'procedure'
    | 'type'
    | 'language'
    | 'foreign data wrapper'
    | 'foreign server';
  readonly schema: string | null;
  readonly name: string;
  /** Of functions and procedures. */
  readonly arguments: string | null;
  /** The same for every server: from 14 on they also say IN. */
  readonly argumentTypes: string | null;
  readonly column: string | null;
  /** It comes with every database, and cannot be dropped. */
  readonly builtIn: boolean;
  readonly action: 'grant' | 'revoke';
  /** Null is PUBLIC. */
  readonly grantee: string | null;
  /** Null is the owner. */
  readonly grantor: string | null;
  /** The schema that the grantor may not use any more. */
  readonly closedSchema: string | null;
  readonly privileges: readonly string[] | null;
  readonly grantable: readonly string[] | null;
  /** How many privileges this kind has on that server: that many are ALL. */
  readonly allPrivileges: number;
}

/**
 * Grants and revokes per object. `subjectOf` says which draft stands for a catalog row (a member of an extension: the
 * extension), `null` for what comes with every database, `undefined` for what is not carried.
 */
export async function readPrivileges(
  catalog: CatalogSession,
  subjectOf: (row: Address) => Draft | undefined,
): Promise<readonly Draft[]> {
  const rows = await catalog.rows<PrivilegeRow>(sql);
  const groups = groupBy(rows, (row) => address(row.catalog, row.oid));
  const schemas = new Map(
    rows.filter(({ kind }) => kind === 'schema').map((row) => [row.name, address(row.catalog, row.oid)]),
  );
  return [...groups].flatMap(([at, items]): Draft[] => {
    const [first] = items;
    const subject = subjectOf(at);
    if (first === undefined || (subject === undefined && !first.builtIn)) return [];
    // A grantor other than the owner must be let into the schema first.
    const schema = items.some(({ grantor }) => grantor !== null)
      ? schemas.get(first.schema ?? '')
      : undefined;
    return [
      privilegesDraft(
        at,
        [first, ...items.slice(1)],
        subject,
        schema === undefined ? [] : [privilegesId(schema)],
      ),
    ];
  });
}

function privilegesId(subject: Address): string {
  return `privileges:${subject}`;
}

function privilegesDraft(
  at: Address,
  [first, ...others]: readonly [PrivilegeRow, ...PrivilegeRow[]],
  subject: Draft | undefined,
  needs: readonly string[],
): Draft {
  const on = target(first);
  const items = inGrantOrder([first, ...others]);
  // If the object is not dropped, its access list must be restored by statements.
  const stays = first.builtIn || (first.kind === 'schema' && first.name === publicSchema);
  const isRelation =
    subject !== undefined && ['table', 'foreign table', 'view', 'materialized view'].includes(subject.kind);
  const grantors = new Set(items.map(({ grantor }) => grantor).filter((role) => role !== null));
  const roles = items.flatMap(({ grantee, grantor }) => [grantee, grantor]).filter((role) => role !== null);
  return draft({
    id: privilegesId(at),
    kind: 'privileges',
    schema: first.schema ?? (first.kind === 'schema' ? first.name : null),
    name: first.name,
    identity: `privileges on ${identity(first)}`,
    section: 'post-data',
    sql: items.flatMap((item) => privilegeStatements(item, on)).join('\n'),
    dropSql: stays ? undoStatements(items, on).join('\n') : null,
    facts: grantors.size === 0 ? {} : { grantors: [...grantors] },
    partOf: subject?.id ?? null,
    needs: [...needs, ...(subject === undefined ? [] : [subject.id, ownerId(subject.id)])],
    locks: [...(isRelation ? [subject.id] : []), ...closedSchemas(items)].map((table) => ({
      table,
      mode: 'exclusive' as const,
    })),
    roles: [...new Set(roles)].sort(),
    minServerMajor: versionOf(items),
    // What comes with every database, or with an extension, belongs to a superuser.
    superuser: subject === undefined || ['extension', 'extension member'].includes(subject.kind),
  });
}

/** Schemas that are opened for a moment: a row of a catalog, which one statement at a time may change. */
function closedSchemas(items: readonly PrivilegeRow[]): readonly string[] {
  const names = items.flatMap(({ closedSchema }) => closedSchema ?? []);
  return [...new Set(names)].map((name) => `schema ${name}`);
}

function target(row: PrivilegeRow): string {
  const name = row.schema === null ? quoteIdentifier(row.name) : qualifiedName(row.schema, row.name);
  return `${row.kind.toUpperCase()} ${name}${row.arguments === null ? '' : `(${row.arguments})`}`;
}

function identity(row: PrivilegeRow): string {
  const name = row.schema === null ? displayName(row.name) : displayQualified(row.schema, row.name);
  return `${row.kind} ${name}${row.argumentTypes === null ? '' : `(${oneLine(row.argumentTypes)})`}`;
}
