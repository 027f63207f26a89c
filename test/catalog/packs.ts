import type { TestDatabase } from '../support/postgres.ts';
import { fixtureSql, isAlone, runPsql } from './oracle.ts';
import type { CatalogServer } from './servers.ts';

export interface Pack {
  readonly database: TestDatabase;
  readonly fixtures: readonly string[];
}

/**
 * All fixtures in a few databases: each goes into the first one where its names are still free, in one transaction, and
 * its schemas are renamed after it. Six majors times every fixture would otherwise cost more in new databases than in
 * tests. What only works alone, in names or in transactions of its own, gets a database of its own.
 */
export async function packs(
  fixtures: readonly string[],
  variables: Readonly<Record<string, string>>,
  server: CatalogServer,
): Promise<readonly Pack[]> {
  const shared: { database: TestDatabase; fixtures: string[] }[] = [];
  const alone: Pack[] = [];
  for (const fixture of fixtures) {
    const sql = await fixtureSql(fixture);
    let room = null;
    for (const pack of isAlone(sql) ? [] : shared) {
      if (await fits(pack.database, `${sql}\n${rename(pack.fixtures.length)}`, variables)) {
        room = pack;
        break;
      }
    }
    if (room !== null) {
      room.fixtures.push(fixture);
      continue;
    }
    const database = await server.database('pack');
    if (!isAlone(sql) && (await fits(database, `${ownPublic}\n${sql}\n${rename(0)}`, variables))) {
      shared.push({ database, fixtures: [fixture] });
    } else {
      await runPsql(database.url, sql, variables);
      alone.push({ database, fixtures: [fixture] });
    }
  }
  return [...shared, ...alone];
}

async function fits(
  database: TestDatabase,
  sql: string,
  variables: Readonly<Record<string, string>>,
): Promise<boolean> {
  try {
    await runPsql(database.url, sql, variables, ['--single-transaction']);
    return true;
  } catch {
    // A name that is taken, or what no transaction may do; run for itself, a fixture shows its own error.
    return false;
  }
}

/** pg_dump forgets what was granted on initdb's own schema public, once that has another name. */
const ownPublic = `DROP SCHEMA public;\n${rename(0)}`;

/**
 * Makes room for the next fixture: other names for this one's schemas, and a schema public as a new database has it.
 */
function rename(place: number): string {
  return `RESET ROLE;
DO $rename$
DECLARE found name;
BEGIN
  FOR found IN SELECT nspname FROM pg_catalog.pg_namespace
    WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND nspname !~ '^pack_\\d+_'
  LOOP
    EXECUTE pg_catalog.format('ALTER SCHEMA %I RENAME TO %I', found, 'pack_${place}_' || found);
  END LOOP;
  CREATE SCHEMA public;
  COMMENT ON SCHEMA public IS 'standard public schema';
  IF pg_catalog.current_setting('server_version_num')::integer >= 150000 THEN
    ALTER SCHEMA public OWNER TO pg_database_owner;
    GRANT USAGE ON SCHEMA public TO PUBLIC;
  ELSE
    GRANT ALL ON SCHEMA public TO PUBLIC;
  END IF;
END
$rename$;
`;
}
