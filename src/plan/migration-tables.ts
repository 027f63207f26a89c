/** A table in which a tool lists the migrations that it has applied, as the tool makes it. */
interface KnownTable {
  readonly tool: string;
  readonly name: string;
  /** Columns by which it is distinguished from other tables of that name. */
  readonly columns: readonly string[];
  /** Query for the applied ones, as one text each (`entry`); the argument is the quoted table. */
  readonly applied: (table: string) => string;
}

const all =
  (entry: string, where = 'true') =>
  (table: string): string =>
    `SELECT DISTINCT (${entry})::text AS entry FROM ${table} WHERE ${where}`;

/**
 * Of tables with the same name the more specific comes first. A table under a name of the project's own is not
 * recognised.
 */
const known: readonly KnownTable[] = [
  {
    tool: 'Prisma',
    name: '_prisma_migrations',
    columns: ['migration_name', 'finished_at', 'rolled_back_at'],
    applied: all('migration_name', 'finished_at IS NOT NULL AND rolled_back_at IS NULL'),
  },
  {
    tool: 'Knex',
    name: 'knex_migrations',
    columns: ['name', 'batch', 'migration_time'],
    applied: all('name'),
  },
  { tool: 'TypeORM', name: 'migrations', columns: ['id', 'timestamp', 'name'], applied: all('name') },
  { tool: 'Laravel', name: 'migrations', columns: ['id', 'migration', 'batch'], applied: all('migration') },
  { tool: 'db-migrate', name: 'migrations', columns: ['id', 'name', 'run_on'], applied: all('name') },
  {
    tool: 'graphile-migrate',
    name: 'migrations',
    columns: ['hash', 'previous_hash', 'filename'],
    applied: all('filename'),
  },
  { tool: 'Sequelize', name: 'SequelizeMeta', columns: ['name'], applied: all('name') },
  {
    tool: 'Drizzle',
    name: '__drizzle_migrations',
    columns: ['id', 'hash', 'created_at'],
    // It knows them by their time, milliseconds since 1970.
    applied: all('created_at'),
  },
  { tool: 'MikroORM', name: 'mikro_orm_migrations', columns: ['name', 'executed_at'], applied: all('name') },
  { tool: 'node-pg-migrate', name: 'pgmigrations', columns: ['name', 'run_on'], applied: all('name') },
  { tool: 'Kysely', name: 'kysely_migration', columns: ['name', 'timestamp'], applied: all('name') },
  {
    tool: 'Flyway',
    name: 'flyway_schema_history',
    columns: ['installed_rank', 'version', 'script', 'type', 'success'],
    // An undone or deleted one has a later row; repeatable ones have no version.
    applied: (table) =>
      `SELECT coalesce(version, script)::text AS entry FROM (
         SELECT DISTINCT ON (coalesce(version, script)) version, script, type FROM ${table}
         WHERE success ORDER BY coalesce(version, script), installed_rank DESC
       ) AS last WHERE type NOT LIKE 'UNDO%' AND type NOT IN ('DELETE', 'SCHEMA')`,
  },
  {
    tool: 'Liquibase',
    name: 'databasechangelog',
    columns: ['id', 'author', 'filename', 'exectype'],
    applied: all(`id || ' by ' || author || ' in ' || filename`, `exectype NOT IN ('FAILED', 'SKIPPED')`),
  },
  {
    tool: 'Django',
    name: 'django_migrations',
    columns: ['app', 'name', 'applied'],
    applied: all(`app || '.' || name`),
  },
  { tool: 'Alembic', name: 'alembic_version', columns: ['version_num'], applied: all('version_num') },
  {
    tool: 'golang-migrate',
    name: 'schema_migrations',
    columns: ['version', 'dirty'],
    applied: all(`version || CASE WHEN dirty THEN ' (dirty)' ELSE '' END`),
  },
  {
    tool: 'Supabase',
    name: 'schema_migrations',
    columns: ['version', 'statements'],
    applied: all('version'),
  },
  { tool: 'Ecto', name: 'schema_migrations', columns: ['version', 'inserted_at'], applied: all('version') },
  { tool: 'Rails', name: 'schema_migrations', columns: ['version'], applied: all('version') },
  {
    tool: 'Entity Framework',
    name: '__EFMigrationsHistory',
    columns: ['MigrationId', 'ProductVersion'],
    applied: all('"MigrationId"'),
  },
  {
    tool: 'goose',
    name: 'goose_db_version',
    columns: ['id', 'version_id', 'is_applied'],
    applied: (table) =>
      `SELECT version_id::text AS entry FROM (
         SELECT DISTINCT ON (version_id) version_id, is_applied FROM ${table} ORDER BY version_id, id DESC
       ) AS last WHERE is_applied AND version_id > 0`,
  },
  {
    tool: 'Phinx',
    name: 'phinxlog',
    columns: ['version', 'migration_name'],
    applied: all(`version || ' ' || coalesce(migration_name, '')`),
  },
  {
    tool: 'SQLx',
    name: '_sqlx_migrations',
    columns: ['version', 'description', 'success'],
    applied: all(`version || ' ' || description`, 'success'),
  },
  {
    tool: 'Diesel',
    name: '__diesel_schema_migrations',
    columns: ['version', 'run_on'],
    applied: all('version'),
  },
  { tool: 'SeaORM', name: 'seaql_migrations', columns: ['version', 'applied_at'], applied: all('version') },
  {
    tool: 'Refinery',
    name: 'refinery_schema_history',
    columns: ['version', 'name', 'applied_on'],
    applied: all(`version || ' ' || name`),
  },
  {
    tool: 'Atlas',
    name: 'atlas_schema_revisions',
    columns: ['version', 'applied', 'total'],
    applied: all('version', 'applied = total'),
  },
  {
    tool: 'Doctrine',
    name: 'doctrine_migration_versions',
    columns: ['version', 'executed_at'],
    applied: all('version'),
  },
  { tool: 'Bun', name: 'bun_migrations', columns: ['name', 'group_id', 'migrated_at'], applied: all('name') },
  {
    tool: 'yoyo',
    name: '_yoyo_migration',
    columns: ['migration_id', 'applied_at_utc'],
    applied: all('migration_id'),
  },
];

/** The tool whose bookkeeping a table is, told by its name and its columns; null for any other table. */
export function migrationTool(table: {
  readonly name: string;
  readonly columns: readonly { readonly name: string }[];
}): Pick<KnownTable, 'tool' | 'applied'> | null {
  const has = (name: string): boolean => table.columns.some((column) => column.name === name);
  return known.find(({ name, columns }) => name === table.name && columns.every(has)) ?? null;
}
