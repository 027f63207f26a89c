import type { Environment } from '../../environments/environment.ts';
import { quoteIdentifier } from '../../postgres/identifiers.ts';
import type { Session } from '../../postgres/session.ts';
import { serverFact, sqlState } from '../../postgres/sqlstate.ts';
import type { Asker } from '../contract/run.ts';
import { targetEnd } from '../ends/connect.ts';

/**
 * Extensions whose scripts depend on the database in which they are made are found by a try. These are known to work
 * in any database: PostgreSQL's own, and large ones, for which a try takes long or leaves traces.
 */
const atHomeAnywhere = new Set(
  `amcheck autoinc bloom btree_gin btree_gist citext cube dblink dict_int dict_xsyn
  earthdistance file_fdw fuzzystrmatch hstore insert_username intagg intarray isn lo ltree
  moddatetime pageinspect pg_buffercache pg_freespacemap pg_logicalinspect pg_prewarm
  pg_stat_statements pg_surgery pg_trgm pg_visibility pg_walinspect pgcrypto pgrowlocks
  pgstattuple plperl plpgsql plpython3u pltcl postgres_fdw refint seg sslinfo tablefunc tcn
  tsm_system_rows tsm_system_time unaccent uuid-ossp xml2 age citus hypopg pg_partman
  pg_repack pgaudit pgrouting plv8 postgis postgis_raster postgis_sfcgal
  postgis_tiger_geocoder postgis_topology timescaledb vector`.split(/\s+/),
);

/** Settings that name the one database of an extension, for roles that may not try. */
const settingOf: Readonly<Record<string, string>> = {
  babelfishpg_tsql: 'babelfishpg_tsql.database_name',
  pg_cron: 'cron.database_name',
};

/** Where to try: databases that every server has, and in which nothing of users lies. */
const places = ['template1', 'postgres'] as const;
const tryMs = 10_000;

/**
 * Extensions that the target's server allows in one database only, with the reason. They cannot be made in a new
 * database beside the live one. They are found by making them in `template1` in a transaction that is rolled back, or
 * by settings if the role may not do that. Only extensions are tried of which this is not known.
 */
export async function boundExtensions(
  { connect, signal }: Asker,
  environment: Environment,
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const unknown = names.filter((name) => !atHomeAnywhere.has(name));
  const bound = new Map<string, string>();
  if (unknown.length === 0) return bound;
  const { database: live } = environment.database.parts;
  const place = places.find((one) => one !== live) ?? live;
  await using database = connect(targetEnd(environment, place), { access: 'write', connections: 1 });
  let session: Session;
  try {
    session = await database.connect({ signal });
  } catch {
    // A role that may connect to no other database replaces in place.
    signal.throwIfAborted();
    return bound;
  }
  try {
    for (const name of unknown) {
      const reason = (await settingNames(session, name, signal)) ?? (await whyNotHere(session, name, signal));
      if (reason !== null) bound.set(name, reason);
    }
  } finally {
    await session.release();
  }
  return bound;
}

async function settingNames(session: Session, name: string, signal: AbortSignal): Promise<string | null> {
  const setting = settingOf[name];
  if (setting === undefined) return null;
  const [row] = await session.query<{ value: string | null }>(
    'SELECT s.setting AS value FROM pg_catalog.pg_settings AS s WHERE s.name = $1',
    [setting],
    { signal },
  );
  const value = row?.value ?? '';
  return value === '' ? null : `${setting} is "${value}"`;
}

/** What the extension's script has against this database; null where it has nothing, or the role may not try. */
async function whyNotHere(session: Session, name: string, signal: AbortSignal): Promise<string | null> {
  try {
    await session.execute(
      `BEGIN; SET LOCAL statement_timeout = ${tryMs}; CREATE SCHEMA multiboard_sync_try; SET LOCAL ` +
        `search_path TO multiboard_sync_try; CREATE EXTENSION ${quoteIdentifier(name)} CASCADE`,
      { signal },
    );
    return null;
  } catch (error) {
    signal.throwIfAborted();
    const state = sqlState(error) ?? '';
    const message = error instanceof Error ? error.message : '';
    // An objection of the script itself, or of its library, to this database; other checks report everything else
    // that is missing.
    const objects =
      state.startsWith('P0') ||
      (/^(?:0A|42501|55)/.test(state) &&
        /\bdatabases?\b/i.test(message) &&
        !message.startsWith('permission denied'));
    return objects ? serverFact(error, true) : null;
  } finally {
    await session.rollback();
  }
}

/** In place they are made in the live database: a sentence for each one that is not known to be allowed there. */
export function boundElsewhere(
  bound: ReadonlyMap<string, string>,
  installed: readonly { readonly name: string }[],
  databaseName: string,
): readonly string[] {
  const there = new Set(installed.map(({ name }) => name));
  return [...bound]
    .filter(([name]) => !there.has(name))
    .map(
      ([name, reason]) =>
        `Extension ${name} may be made in one database of the server only (${reason}). "${databaseName}" does ` +
        'not have it yet; if it may not be made there, the run stops before rows are loaded, and the target ' +
        'stays as it was.',
    );
}
