import { sqlFile } from '../../lib/sql-file.ts';
import { quoteIdentifier } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { displayName } from '../display-name.ts';
import { address, claim, draft } from '../draft.ts';
import type { Draft } from '../draft.ts';
import type { UnsupportedObject, Withheld } from '../model.ts';
import { foreignOptions } from '../storage-options.ts';
import { unsupported } from '../unsupported/unsupported.ts';

const sql = sqlFile(import.meta.url, './user-mappings.sql');

interface MappingRow {
  readonly oid: number;
  readonly server: number;
  readonly serverName: string;
  /** Null for PUBLIC. */
  readonly user: string | null;
  /** Null too where they were not asked for. */
  readonly options: readonly string[] | null;
  readonly hasOptions: boolean;
  /** This role sees the options, where there are any. */
  readonly visible: boolean;
}

export interface UserMappings {
  readonly drafts: readonly Draft[];
  /** Mappings whose options nobody asked for. */
  readonly withheld: readonly Withheld[];
  /** Options that were asked for and that this role may not see. */
  readonly unsupported: readonly UnsupportedObject[];
}

/**
 * User mappings, with their options only where `secrets` asks for them: they hold passwords. PostgreSQL shows them to
 * superusers, and partly to the mapping's own user and the server's owner.
 */
export async function readUserMappings(
  catalog: CatalogSession,
  { secrets }: { readonly secrets: boolean },
): Promise<UserMappings> {
  const rows = await catalog.rows<MappingRow>(sql, [secrets]);
  return {
    drafts: rows.map((row) => mappingDraft(row)),
    withheld: secrets
      ? []
      : rows
          .filter(({ hasOptions, visible }) => hasOptions || !visible)
          .map((row) => ({ kind: 'user mapping', identity: optionsOf(row) })),
    unsupported: secrets
      ? rows
          .filter(({ visible }) => !visible)
          .map((row) => unsupported(optionsOf(row), { obstacle: 'which this role may not see' }))
      : [],
  };
}

function mappingIdentity({ user, serverName }: MappingRow): string {
  return `user mapping for ${user === null ? 'PUBLIC' : displayName(user)} on server ${displayName(serverName)}`;
}

function optionsOf(row: MappingRow): string {
  return `options of ${mappingIdentity(row)}`;
}

function mappingDraft(row: MappingRow): Draft {
  const user = row.user === null ? 'PUBLIC' : quoteIdentifier(row.user);
  const quoted = `USER MAPPING FOR ${user} SERVER ${quoteIdentifier(row.serverName)}`;
  const identity = mappingIdentity(row);
  return draft({
    id: `user mapping:${row.oid}`,
    kind: 'user mapping',
    name: row.user ?? 'PUBLIC',
    identity,
    section: 'pre-data',
    sql: `CREATE ${quoted}${foreignOptions(row.options)};`,
    dropSql: `DROP ${quoted};`,
    partOf: `server:${row.server}`,
    needs: [`server:${row.server}`],
    claims: [claim(address('pg_user_mapping', row.oid), identity, null)],
    roles: row.user === null ? [] : [row.user],
  });
}
