import { SyncError } from '../../errors/sync-error.ts';
import { sqlFile } from '../../lib/sql-file.ts';
import { quoteIdentifier } from '../../postgres/identifiers.ts';
import { settingValue } from '../../postgres/setting-value.ts';
import { databaseError } from '../../postgres/sqlstate.ts';
import type { Maintenance } from '../ends/maintenance.ts';
import { targetFacts } from '../ends/target-facts.ts';
import type { TargetFacts } from '../ends/target-facts.ts';

const settingsSql = sqlFile(import.meta.url, './database-settings.sql');

interface SettingRow {
  readonly kind: 'setting' | 'grant';
  readonly role: string | null;
  readonly name: string | null;
  readonly value: string | null;
  readonly privilege: string | null;
  readonly grantable: boolean | null;
}

/**
 * Gives the new database what belongs to the old one as an object: settings, settings of roles in it, privileges.
 * Compares both afterwards. TARGET_PRIVILEGE when this role may not copy one of them:
 * swapping without would lose it.
 */
export async function copyDatabaseSettings(
  maintenance: Maintenance,
  live: TargetFacts,
  shadow: string,
): Promise<void> {
  const rows = await maintenance.query<SettingRow>(settingsSql, [live.name]);
  const database = quoteIdentifier(shadow);
  try {
    for (const row of rows) if (row.kind === 'setting') await copySetting(maintenance, row, database);
    const grants = rows.filter(({ kind }) => kind === 'grant');
    const acl = await maintenance.query<{ explicit: boolean }>(
      'SELECT datacl IS NOT NULL AS explicit FROM pg_catalog.pg_database WHERE datname = $1',
      [live.name],
    );
    if (acl[0]?.explicit === true) await copyGrants(maintenance, grants, live.owner, database);
  } catch (error) {
    throw databaseError(
      error,
      'target',
      `Copying the settings of the database "${live.name}" to its successor`,
    );
  }
  const differing = await differingSettings(maintenance, live.name, shadow);
  if (differing.length > 0) {
    throw new SyncError(
      'TARGET_PRIVILEGE',
      `These settings of the database "${live.name}" could not be copied to its successor: ` +
        `${differing.join(', ')}.`,
    );
  }
}

async function differingSettings(
  maintenance: Maintenance,
  live: string,
  shadow: string,
): Promise<readonly string[]> {
  const [rows, copied] = [
    await maintenance.query<SettingRow>(settingsSql, [live]),
    await maintenance.query<SettingRow>(settingsSql, [shadow]),
  ];
  const missing = rows.filter((row) => !copied.some((other) => same(row, other))).map(describe);
  const extra = copied.filter((row) => !rows.some((other) => same(row, other))).map(describe);
  return [...missing, ...extra];
}

/**
 * The live database as it is right before the switch: what was said of it since the run began, perhaps hours ago, must
 * not be lost with it. CONFLICT_TARGET_CHANGED where somebody closed it, gave it to another owner, or changed settings
 * or grants that its successor has from it.
 */
export async function liveBeforeSwitch(
  maintenance: Maintenance,
  live: TargetFacts,
  shadow: string,
  { keepsSettings }: { readonly keepsSettings: boolean },
): Promise<TargetFacts> {
  const now = await targetFacts(maintenance, live.name, {});
  const changed = [
    ...(now.oid === live.oid ? [] : ['another database has its name']),
    ...(now.allowsConnections ? [] : ['it was closed to connections']),
    ...(now.owner === live.owner ? [] : [`it was given to ${now.owner}`]),
    ...(keepsSettings ? await differingSettings(maintenance, live.name, shadow) : []),
  ];
  if (changed.length === 0) return now;
  throw new SyncError(
    'CONFLICT_TARGET_CHANGED',
    `Somebody changed the database "${live.name}" while its successor was made: ${changed.join(', ')}.`,
    { hint: 'Nothing was changed by this run. Run again: it begins with what holds now.' },
  );
}

/** Settings that would block our own work, so they are copied last: connection limit and template flag. */
export async function copyDatabaseLimits(
  maintenance: Maintenance,
  live: TargetFacts,
  shadow: string,
): Promise<void> {
  const limits = [
    ...(live.connectionLimit === -1 ? [] : [`CONNECTION LIMIT ${live.connectionLimit}`]),
    ...(live.isTemplate ? ['IS_TEMPLATE true'] : []),
  ];
  try {
    if (limits.length > 0)
      await maintenance.execute(`ALTER DATABASE ${quoteIdentifier(shadow)} ${limits.join(' ')}`);
  } catch (error) {
    throw databaseError(
      error,
      'target',
      `Copying the limits of the database "${live.name}" to its successor`,
    );
  }
}

async function copySetting(maintenance: Maintenance, row: SettingRow, database: string): Promise<void> {
  const name = (row.name ?? '').split('.').map(quoteIdentifier).join('.');
  const owner =
    row.role === null ? `DATABASE ${database}` : `ROLE ${quoteIdentifier(row.role)} IN DATABASE ${database}`;
  await maintenance.execute(`ALTER ${owner} SET ${name} TO ${settingValue(row.name ?? '', row.value ?? '')}`);
}

async function copyGrants(
  maintenance: Maintenance,
  grants: readonly SettingRow[],
  owner: string,
  database: string,
): Promise<void> {
  const statements = [
    `REVOKE ALL ON DATABASE ${database} FROM PUBLIC`,
    `REVOKE ALL ON DATABASE ${database} FROM ${quoteIdentifier(owner)}`,
    ...grants.map(({ privilege, role, grantable }) => {
      const grantee = role === null ? 'PUBLIC' : quoteIdentifier(role);
      return `GRANT ${privilege ?? ''} ON DATABASE ${database} TO ${grantee}${grantable === true ? ' WITH GRANT OPTION' : ''}`;
    }),
  ];
  await maintenance.execute(statements.join(';\n'));
}

function same(a: SettingRow, b: SettingRow): boolean {
  return (
    a.kind === b.kind &&
    a.role === b.role &&
    a.name === b.name &&
    a.value === b.value &&
    a.privilege === b.privilege &&
    a.grantable === b.grantable
  );
}

function describe(row: SettingRow): string {
  if (row.kind === 'grant') return `${row.privilege ?? ''} for ${row.role ?? 'PUBLIC'}`;
  return `${row.name ?? ''}${row.role === null ? '' : ` of role ${row.role}`}`;
}
