import { sqlFile } from '../../lib/sql-file.ts';
import { quoteIdentifier } from '../../postgres/identifiers.ts';
import { settingValue } from '../../postgres/setting-value.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { displayName } from '../display-name.ts';
import { draft } from '../draft.ts';
import type { Draft } from '../draft.ts';
import { inGrantOrder } from '../privileges/grant-order.ts';
import { privilegeStatements, undoStatements } from '../privileges/privilege-statements.ts';
import type { PrivilegeItem } from '../privileges/privilege-statements.ts';
import { onThisDatabase, thisDatabase } from './on-this-database.ts';

const settingsSql = sqlFile(import.meta.url, './database-settings.sql');
const privilegesSql = sqlFile(import.meta.url, './database-privileges.sql');

interface SettingRow {
  /** Null is all roles. */
  readonly role: string | null;
  readonly name: string;
  readonly value: string;
  readonly superuser: boolean;
}

/**
 * What belongs to the database itself, and what a target takes over only on request
 * (docs/adr/0008-database-settings.md): its settings, those of roles in it, and grants on it. Owner, comment, limits
 * and locale are always the target's own.
 */
export async function readDatabaseSettings(catalog: CatalogSession): Promise<readonly Draft[]> {
  const [settings, privileges] = await Promise.all([
    catalog.rows<SettingRow>(settingsSql),
    catalog.rows<PrivilegeItem>(privilegesSql),
  ]);
  return [
    ...settings.map((row) => settingDraft(row)),
    ...(privileges.length === 0 ? [] : [privilegesDraft(inGrantOrder(privileges))]),
  ];
}

/** They share rows of catalogs, which the server lets one statement at a time change. */
const oneAtATime = [{ table: 'database', mode: 'exclusive' }] as const;

function settingDraft(row: SettingRow): Draft {
  const { role, name, value, superuser } = row;
  const alter =
    role === null
      ? `ALTER DATABASE ${thisDatabase}`
      : `ALTER ROLE ${quoteIdentifier(role)} IN DATABASE ${thisDatabase}`;
  const setting = name.split('.').map(quoteIdentifier).join('.');
  return draft({
    id: `database setting:${name}${role === null ? '' : `:${role}`}`,
    kind: 'database setting',
    name,
    identity:
      `setting ${displayName(name)} of the database` +
      (role === null ? '' : ` for role ${displayName(role)}`),
    section: 'post-data',
    sql: onThisDatabase([`${alter} SET ${setting} TO ${settingValue(name, value)}`]),
    dropSql: onThisDatabase([`${alter} RESET ${setting}`]),
    locks: oneAtATime,
    roles: role === null ? [] : [role],
    superuser,
  });
}

function privilegesDraft(items: readonly PrivilegeItem[]): Draft {
  const on = `DATABASE ${thisDatabase}`;
  const roles = items.flatMap(({ grantee, grantor }) => [grantee, grantor]).filter((role) => role !== null);
  return draft({
    id: 'database setting privileges',
    kind: 'database setting',
    name: 'privileges',
    identity: 'privileges on the database',
    section: 'post-data',
    sql: onThisDatabase(items.flatMap((item) => privilegeStatements(item, on))),
    dropSql: onThisDatabase(undoStatements(items, on)),
    locks: oneAtATime,
    roles: [...new Set(roles)].sort(),
  });
}
