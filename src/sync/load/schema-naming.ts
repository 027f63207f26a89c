import { silently } from '../ends/event-triggers.ts';
import type { ImportPlan } from '../../plan/import-plan.ts';
import { routineIdentity } from '../../catalog/routines/routines.ts';
import { publicSchema } from '../../catalog/schemas/public-schema.ts';
import type { SchemaNames } from '../../plan/schema-names.ts';
import { quoteIdentifier, quoteLiteral, splitIdentifiers } from '../../postgres/identifiers.ts';
import type { CallOptions, Session } from '../../postgres/session.ts';
import { databaseError } from '../../postgres/sqlstate.ts';

/** The end whose names the schemas of the new database have at the moment. */
export type NamesOf = 'source' | 'target';

export interface SchemaNamingInput {
  readonly names: SchemaNames | null;
  /** Whether the finished database has its own schema public beside the one that gave the name up. */
  readonly keepPublic: boolean;
  /** Whether a schema of the target's name stays where it is, and is filled: the run is about some schemas only. */
  readonly fillsSchema: boolean;
  /** Ids of routines of the target that get the source's definition where they are. */
  readonly replaced: ReadonlySet<string>;
  /** Extensions of the source in its schema public, where another schema is to become public: they move into it. */
  readonly extensions: readonly string[];
  /** Identities of routines that come from the target, whose settings are the target's own. */
  readonly routinesFromTarget: ReadonlySet<string>;
  /** Whether a `search_path` of the database, or of roles in it, comes from the source. */
  readonly databasePaths: boolean;
  /** Whether the database has some, which must not take part. */
  readonly eventTriggers: boolean;
}

/** The naming of a plan, on the session that makes its objects. */
export function schemaNamingOf(session: Session, plan: ImportPlan, options: CallOptions): SchemaNaming {
  const { names, objects, fromTarget } = plan;
  const fillsSchema = plan.schemas !== null;
  const isPublic = names?.target === publicSchema;
  return new SchemaNaming(
    session,
    {
      names,
      // Then nothing of the database takes its name: it only steps aside.
      keepPublic: plan.keepPublic && !fillsSchema,
      fillsSchema,
      replaced: plan.replaced,
      extensions: objects
        .filter(
          ({ id, kind, schema }) =>
            isPublic && kind === 'extension' && schema === publicSchema && !fromTarget.has(id),
        )
        .map(({ name }) => name),
      routinesFromTarget: new Set(
        objects
          .filter(({ id, kind }) => fromTarget.has(id) && (kind === 'function' || kind === 'procedure'))
          .map(({ identity }) => identity),
      ),
      databasePaths: objects.some(({ kind, name }) => kind === 'database setting' && name === 'search_path'),
      eventTriggers: objects.some(({ kind }) => kind === 'event trigger'),
    },
    options,
  );
}

/** Names under which schemas wait while another one has theirs. */
const resting = 'multiboard_sync_rest';
const own = 'multiboard_sync_own';

/**
 * Lets PostgreSQL do the renaming (docs/adr/0009-schema-names.md): objects are made under the source's names, and
 * `ALTER SCHEMA … RENAME` gives the schema its name in the target, exact for whatever refers to it by OID. Statements
 * of the dump run `under('source')`, those of the target, kept rows and the search `under('target')`; going from one
 * to the other is a change in a few catalog rows. Life: `prepare` → `under`, any number of times → `finish`.
 * Everything is a no-op without names.
 *
 * | schema | under the source's names | under the target's |
 * | --- | --- | --- |
 * | what is copied | `source` | `target` |
 * | the public of the database itself | `target` | `source` where that is public and stays, else waiting to be dropped |
 * | the target's own schema of the source's name | waiting | `source` |
 *
 * In a run about some schemas, the target's schema itself is filled and stays, with its OID, owner and grants.
 */
export class SchemaNaming {
  readonly #session: Session;
  readonly #input: SchemaNamingInput;
  readonly #options: CallOptions;
  #now: NamesOf = 'source';
  /** OIDs of routines that were there before anything was made: they stay as they are. */
  #stayed: readonly string[] = [];

  constructor(session: Session, input: SchemaNamingInput, options: CallOptions) {
    this.#session = session;
    this.#input = input;
    this.#options = options;
  }

  /**
   * Frees the names before anything is made. If the source's schema public is renamed, an empty schema public stands
   * in for it.
   */
  async prepare(): Promise<void> {
    const { names } = this.#input;
    if (names === null) return;
    const stayed = await this.#session.query<{ oid: string }>(
      'SELECT p.oid::text AS oid FROM pg_catalog.pg_proc AS p WHERE p.proconfig IS NOT NULL',
      [],
      this.#options,
    );
    const replaced = new Set([...this.#input.replaced].map((id) => id.slice(id.indexOf(':') + 1)));
    this.#stayed = stayed.map(({ oid }) => oid).filter((oid) => !replaced.has(oid));
    if (this.#input.fillsSchema) {
      const there = await this.#present([names.target]);
      await this.#run(there.has(names.target) ? [] : [`CREATE SCHEMA ${quoteIdentifier(names.target)}`]);
      this.#now = 'target';
      await this.under('source');
      return;
    }
    if (names.source !== publicSchema) return;
    const [facts] = await this.#session.query<{ exists: boolean; owner: string; version: number }>(
      `SELECT pg_catalog.to_regnamespace('public') IS NOT NULL AS "exists",
  CASE WHEN v.num >= 150000 THEN 'pg_database_owner' ELSE pg_catalog.pg_get_userbyid(10) END AS "owner", v.num AS "version"
FROM (SELECT pg_catalog.current_setting('server_version_num')::int AS num) AS v`,
      [],
      this.#options,
    );
    if (facts === undefined) return;
    const everybody = facts.version >= 150_000 ? 'USAGE' : 'CREATE, USAGE';
    await this.#run([
      ...(facts.exists ? [rename(publicSchema, names.target)] : []),
      // As in a new database of this server, because the dump describes schema public relative to that.
      `CREATE SCHEMA public AUTHORIZATION ${quoteIdentifier(facts.owner)}`,
      `GRANT ${everybody} ON SCHEMA public TO PUBLIC`,
    ]);
  }

  /** Gives the schemas their names on one end. */
  async under(end: NamesOf): Promise<void> {
    const { names, keepPublic, extensions } = this.#input;
    if (names === null || end === this.#now) return;
    const { source, target } = names;
    const there = await this.#present([source, target, resting, own]);
    const moved = (to: string): string[] =>
      extensions.map((name) => `ALTER EXTENSION ${quoteIdentifier(name)} SET SCHEMA ${quoteIdentifier(to)}`);
    const staysPublic = keepPublic && source === publicSchema;
    await this.#run(
      end === 'target'
        ? [
            ...moved(source),
            ...(there.has(target) ? [rename(target, resting)] : []),
            ...(there.has(source) ? [rename(source, target)] : []),
            ...(staysPublic && there.has(target) ? [rename(resting, source)] : []),
            ...(there.has(own) ? [rename(own, source)] : []),
          ]
        : [
            ...(there.has(source) ? [rename(source, staysPublic ? resting : own)] : []),
            ...(there.has(target) ? [rename(target, source)] : []),
            ...(there.has(resting) || (staysPublic && there.has(source)) ? [rename(resting, target)] : []),
            ...moved(target),
          ],
    );
    this.#now = end;
  }

  /** Schemas that are not the source's, while its names hold. */
  get othersUnderSource(): readonly string[] {
    return this.#input.names === null ? [] : [this.#input.names.target, own];
  }

  /**
   * Gives the target's names for good: drops what nobody needs any more, and lets the `search_path` of functions
   * follow its schema.
   */
  async finish(): Promise<void> {
    const { names } = this.#input;
    if (names === null) return;
    await this.under('source');
    await this.#followSearchPaths(names);
    await this.under('target');
    if (names.target === publicSchema && !this.#input.fillsSchema) await this.#commentPublic();
    const left = await this.#present([resting]);
    await this.#run(left.has(resting) ? [`DROP SCHEMA ${quoteIdentifier(resting)}`] : []);
  }

  /** Every new database has this comment on its schema public; if it is missing, somebody removed it. */
  async #commentPublic(): Promise<void> {
    const [found] = await this.#session.query<{ comment: string | null }>(
      "SELECT pg_catalog.obj_description(pg_catalog.to_regnamespace('public'), 'pg_namespace') AS comment",
      [],
      this.#options,
    );
    if (found?.comment === null) await this.#run([`COMMENT ON SCHEMA public IS 'standard public schema'`]);
  }

  async #followSearchPaths({ source, target }: SchemaNames): Promise<void> {
    const followed = (path: string): string | null => {
      const schemas = splitIdentifiers(path);
      if (!schemas.includes(source)) return null;
      return schemas.map((name) => quoteLiteral(name === source ? target : name)).join(', ');
    };
    const routines = await this.#session.query<{
      routine: string;
      procedure: boolean;
      schema: string;
      name: string;
      argumentTypes: string;
      path: string;
    }>(
      `SELECT p.oid::regprocedure::text AS routine, p.prokind = 'p' AS procedure, n.nspname AS schema,
  p.proname AS name, pg_catalog.oidvectortypes(p.proargtypes) AS "argumentTypes",
  pg_catalog.substr(c.setting, 13) AS path
FROM pg_catalog.pg_proc AS p
JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
CROSS JOIN LATERAL pg_catalog.unnest(p.proconfig) AS c (setting)
WHERE pg_catalog.starts_with(c.setting, 'search_path=') AND p.oid <> ALL ($1::oid[])`,
      [this.#stayed],
      this.#options,
    );
    await this.#run(
      routines.flatMap((routine) => {
        const now = followed(routine.path);
        if (now === null || this.#input.routinesFromTarget.has(routineIdentity(routine))) return [];
        return [`ALTER ROUTINE ${routine.routine} SET search_path TO ${now}`];
      }),
    );
    if (!this.#input.databasePaths) return;
    const settings = await this.#session.query<{ database: string; role: string | null; path: string }>(
      `SELECT d.datname::text AS database, r.rolname::text AS role, pg_catalog.substr(c.setting, 13) AS path
FROM pg_catalog.pg_db_role_setting AS s
JOIN pg_catalog.pg_database AS d ON d.oid = s.setdatabase AND d.datname = pg_catalog.current_database()
LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = s.setrole
CROSS JOIN LATERAL pg_catalog.unnest(s.setconfig) AS c (setting)
WHERE pg_catalog.starts_with(c.setting, 'search_path=')`,
      [],
      this.#options,
    );
    await this.#run(
      settings.flatMap(({ database, role, path }) => {
        const now = followed(path);
        const alter =
          role === null
            ? `DATABASE ${quoteIdentifier(database)}`
            : `ROLE ${quoteIdentifier(role)} IN DATABASE ${quoteIdentifier(database)}`;
        return now === null ? [] : [`ALTER ${alter} SET search_path TO ${now}`];
      }),
    );
  }

  async #present(schemas: readonly string[]): Promise<ReadonlySet<string>> {
    const found = await this.#session.query<{ name: string }>(
      'SELECT nspname::text AS name FROM pg_catalog.pg_namespace WHERE nspname = ANY ($1::text[])',
      [schemas],
      this.#options,
    );
    return new Set(found.map(({ name }) => name));
  }

  /** One message to the server, hence one transaction, also where none is open. */
  async #run(statements: readonly string[]): Promise<void> {
    if (statements.length === 0) return;
    try {
      const run = this.#input.eventTriggers ? silently(statements) : statements;
      await this.#session.execute(run.join(';\n'), this.#options);
    } catch (error) {
      this.#options.signal?.throwIfAborted();
      const { names } = this.#input;
      throw databaseError(
        error,
        'target',
        `Giving the schema "${names?.source ?? ''}" its name "${names?.target ?? ''}"`,
      );
    }
  }
}

function rename(from: string, to: string): string {
  return `ALTER SCHEMA ${quoteIdentifier(from)} RENAME TO ${quoteIdentifier(to)}`;
}
