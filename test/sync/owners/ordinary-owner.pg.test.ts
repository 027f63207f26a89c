import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { planSync } from '../../../src/sync/verbs/plan.ts';
import type { PlanInput } from '../../../src/sync/contract/plan.ts';
import { lacks } from '../../support/lacks.ts';
import { privatePostgres } from '../../support/postgres.ts';
import { queryOnce } from '../../support/postgres-connection.ts';
import type { PrivatePostgres } from '../../support/postgres.ts';
import { serverBinaries } from '../../support/servers/fetch.ts';
import { createBench, failsAndChangesNothing, wholeDatabases } from '../../harness/environment-pair.ts';
import type { Bench, BenchDatabase, Mode } from '../../harness/environment-pair.ts';

/** A role that owns its database, with CREATEDB (a new database can be made) and without, on the server of a major. */
interface Kind {
  readonly major: 15 | 18;
  readonly mode: Mode;
  readonly attributes: 'CREATEDB' | 'NOCREATEDB';
}

const kind = (major: Kind['major'], mode: Mode): Kind => ({
  major,
  mode,
  attributes: mode === 'replace' ? 'CREATEDB' : 'NOCREATEDB',
});

/** What a membership is worth changed with 16; the mode changes nothing of that: each of both once is all of both. */
const older = lacks('postgres-15') ? 18 : 15;
const newerReplaces = [kind(18, 'replace'), kind(older, 'in-place')];
const olderReplaces = [kind(18, 'in-place'), kind(older, 'replace')];
const replaces = kind(18, 'replace');
const inPlace = kind(18, 'in-place');

interface Ends {
  readonly bench: Bench;
  readonly role: string;
  readonly server: PrivatePostgres;
  /** The target as a superuser. */
  readonly admin: BenchDatabase['query'];
}

describe('an ordinary owner', () => {
  const servers = new Map<Kind['major'], PrivatePostgres>();
  beforeAll(async () => {
    const start = async (major: Kind['major']): Promise<void> => {
      const binaries = major === 18 ? undefined : serverBinaries(major);
      servers.set(major, await privatePostgres({ allow_in_place_tablespaces: 'on' }, binaries));
    };
    await Promise.all([...new Set([18, older] as const)].map(start));
  });

  const queryOn =
    (url: string): BenchDatabase['query'] =>
    (sql, values) =>
      queryOnce(url, sql, values) as Promise<never>;

  async function ends({ major, attributes }: Kind): Promise<Ends> {
    const server = servers.get(major);
    if (server === undefined) throw new Error(`no server ${major}`);
    const id = randomBytes(4).toString('hex');
    const [role, source, target] = [`owner_${id}`, `source_${id}`, `target_${id}`];
    for (const sql of [
      `CREATE ROLE ${role} LOGIN ${attributes} PASSWORD 'x'`,
      `CREATE DATABASE ${source} TEMPLATE template0`,
      `CREATE DATABASE ${target} TEMPLATE template0 OWNER ${role}`,
    ])
      await queryOnce(server.url, sql);
    const url = new URL(server.urlOf(target));
    url.username = role;
    url.password = 'x';
    const database = (name: string, address: string): BenchDatabase => ({
      name,
      url: address,
      query: queryOn(address),
    });
    const bench = await createBench({
      source: database(source, server.urlOf(source)),
      target: database(target, url.href),
      change: wholeDatabases,
    });
    return { bench, role, server, admin: queryOn(server.urlOf(target)) };
  }

  const plan = ({ config }: Bench, input: Partial<PlanInput> = {}) =>
    planSync(
      { config, now: Date.now },
      { source: 'src', target: 'dst', owners: false, privileges: false, ...input },
      { signal: new AbortController().signal },
    );

  it('is believed to have what its provider gives it (supautils), and tries what only a try shows', async () => {
    const { bench, role, admin } = await ends(inPlace);
    await bench.source.query(`CREATE EXTENSION pageinspect; CREATE EXTENSION pg_buffercache`);
    const before = await plan(bench, { mode: 'in-place' });
    expect(before.blockers[0]?.details['objects']).toEqual([
      'extension pageinspect',
      'extension pg_buffercache',
    ]);
    await admin(`ALTER ROLE ${role} SET supautils.privileged_role = '${role}';
      ALTER ROLE ${role} SET supautils.privileged_extensions = 'hstore, pageinspect'`);
    const planned = await plan(bench, { mode: 'in-place' });
    expect(planned.blockers).toEqual([]);
    expect(planned.warnings.join('\n')).toMatch(
      /only superusers make extension pg_buffercache; the provider may allow it/,
    );
    // Nobody gives it here: the settings are there, and supautils is not.
    const refused = await failsAndChangesNothing(bench.target, () =>
      bench.sync('in-place', { owners: false, privileges: false }),
    );
    expect(refused.message).toMatch(/permission denied to create extension/);
  });

  describe('with CREATEDB and without', () => {
    const asOwner = { owners: false, privileges: false };

    it.each(newerReplaces)(
      'gets everything that such a role can own, under its own name: $attributes on $major',
      async (of) => {
        const { mode } = of;
        const { bench, role } = await ends(of);
        await bench.source.query(ownable);
        await bench.sync(mode, asOwner);
        const owners = await bench.target.query(
          `SELECT DISTINCT relowner::regrole::text AS owner FROM pg_class WHERE relnamespace IN ('shop'::regnamespace, 'public'::regnamespace) AND relkind <> 'i'`,
        );
        expect(owners).toEqual([{ owner: role }]);
        const { differences } = await bench.verify();
        expect(
          differences.filter(({ name }) => !/^(?:owner of|privileges|default privileges) /.test(name)),
        ).toEqual([]);
        await bench.sync(mode, asOwner);
      },
    );

    it.each(olderReplaces)(
      'is told of all that needs a superuser at once, by name, and gets the rest where that may be left out: $attributes on $major',
      async (of) => {
        const { mode } = of;
        const { bench } = await ends(of);
        await bench.source.query(`CREATE TABLE "Part" (id int PRIMARY KEY); INSERT INTO "Part" VALUES (1);
        CREATE FUNCTION leaky(int) RETURNS boolean LANGUAGE sql LEAKPROOF IMMUTABLE AS 'SELECT $1 > 0';
        COMMENT ON FUNCTION leaky(int) IS 'why';
        CREATE FUNCTION told() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
        CREATE EVENT TRIGGER "Told" ON ddl_command_end EXECUTE FUNCTION told();
        CREATE EXTENSION pageinspect`);
        const names = ['event trigger "Told"', 'extension pageinspect', 'function public.leaky(integer)'];
        const planned = await plan(bench, { mode });
        expect(planned.blockers.map(({ code }) => code)).toEqual(['TARGET_SUPERUSER']);
        expect([...(planned.blockers[0]!.details['objects'] as readonly string[])].toSorted()).toEqual(names);
        const error = await failsAndChangesNothing(bench.target, () => bench.sync(mode, asOwner));
        expect(error.code).toBe('TARGET_SUPERUSER');
        const leaveOut = ['event trigger', 'extension pageinspect', 'function public.leaky(integer)'];
        const allowed = await plan(bench, { mode, leaveOut });
        expect(allowed.blockers).toEqual([]);
        expect(allowed.leftOut.filter((name) => !/^(?:owner|changes) of /.test(name)).toSorted()).toEqual([
          'comment on extension pageinspect',
          'comment on function public.leaky(integer)',
          ...names,
        ]);
        const receipt = await bench.sync(mode, { ...asOwner, leaveOut });
        expect(receipt.leftOut).toEqual(allowed.leftOut);
        expect(await bench.target.query(`SELECT count(*)::int AS n FROM "Part"`)).toEqual([{ n: 1 }]);
        expect(
          await bench.target.query(
            `SELECT to_regproc('leaky') AS f, (SELECT count(*)::int FROM pg_event_trigger) AS e`,
          ),
        ).toEqual([{ f: null, e: 0 }]);
      },
    );

    it('may not leave out what something else needs: both are named', async () => {
      const { mode } = replaces;
      const { bench } = await ends(replaces);
      await bench.source
        .query(`CREATE FUNCTION leaky(int) RETURNS boolean LANGUAGE sql LEAKPROOF IMMUTABLE AS 'SELECT $1 > 0';
        CREATE TABLE t (id int CONSTRAINT positive CHECK (leaky(id))); CREATE VIEW v AS SELECT leaky(id) FROM t`);
      const entry = 'function public.leaky(integer)';
      const { blockers } = await plan(bench, { mode, leaveOut: [entry] });
      expect(blockers[0]).toMatchObject({ code: 'CONFLICT_LEFT_OUT' });
      expect(blockers[0]!.message).toContain(`table public.t (needs ${entry})`);
      expect(blockers[0]!.message).toContain(`view public.v (needs ${entry})`);
      const table = await plan(bench, { mode, leaveOut: ['table public.t'] });
      expect(table.blockers.map(({ code }) => code)).toContain('USAGE_INVALID');
    });

    it.each(newerReplaces)(
      'cannot give to roles it is no member of: known before, and mended by a mapping: $attributes on $major',
      async (of) => {
        const { mode } = of;
        const { bench, role, server } = await ends(of);
        const other = `${role}_other`;
        const reader = `${role}_Reader "x"`;
        const quotedReader = `"${reader.replaceAll('"', '""')}"`;
        await queryOnce(
          server.url,
          `CREATE ROLE ${other}; CREATE ROLE ${quotedReader}; CREATE ROLE ${role}_reader`,
        );
        await bench.source.query(`CREATE SCHEMA shop AUTHORIZATION ${other}; SET ROLE ${other};
        CREATE TABLE shop."TO ""${other}""" (id int PRIMARY KEY, "to" int);
        GRANT SELECT ("to"), INSERT ON shop."TO ""${other}""" TO ${quotedReader};
        ALTER TABLE shop."TO ""${other}""" ENABLE ROW LEVEL SECURITY;
        CREATE POLICY "TO ""${other}""" ON shop."TO ""${other}""" TO ${quotedReader}, ${other} USING (current_user <> '${other}');
        ALTER DEFAULT PRIVILEGES FOR ROLE ${other} IN SCHEMA shop GRANT SELECT ON TABLES TO ${quotedReader};
        CREATE FUNCTION shop.f() RETURNS int LANGUAGE sql AS 'SELECT 1'; REVOKE ALL ON FUNCTION shop.f() FROM PUBLIC;
        RESET ROLE; ALTER SCHEMA public OWNER TO ${other}`);
        const asked = { owners: true, privileges: true, mode };
        const refused = await plan(bench, asked);
        expect(refused.blockers.map(({ code }) => code)).toEqual(['TARGET_PRIVILEGE']);
        expect(refused.blockers[0]!.message).toContain(`owner of schema shop (${other})`);
        expect(refused.blockers[0]!.message).toContain(
          `default privileges of role ${other} on tables in schema shop`,
        );
        const roles = { [other]: role, [reader]: `${role}_reader` };
        const mended = await plan(bench, { ...asked, roles });
        expect(mended.blockers).toEqual([]);
        await bench.sync(mode, { ...asked, roles });
        expect(
          await bench.target
            .query(`SELECT c.relowner::regrole::text AS owner, c.relacl::text AS acl, a.attacl::text AS "column",
            (SELECT array_agg(r.rolname::text ORDER BY 1) FROM pg_policy AS p JOIN pg_roles AS r ON r.oid = ANY (p.polroles)) AS policy,
            (SELECT pg_get_expr(polqual, polrelid) FROM pg_policy) AS "using", (SELECT defaclacl::text FROM pg_default_acl) AS later
          FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'to' WHERE relname LIKE 'TO %' AND relkind = 'r'`),
        ).toEqual([
          {
            owner: role,
            acl: `{${role}=${of.major >= 17 ? 'arwdDxtm' : 'arwdDxt'}/${role},${role}_reader=a/${role}}`,
            column: `{${role}_reader=r/${role}}`,
            policy: [role, `${role}_reader`],
            using: `(CURRENT_USER <> '${other}'::name)`,
            later: `{${role}_reader=r/${role}}`,
          },
        ]);
        const missing = await plan(bench, { ...asked, roles: { ...roles, [other]: 'nobody_here' } });
        expect(missing.blockers.map(({ code }) => code)).toContain('TARGET_ROLE_MISSING');
      },
    );

    it.each(olderReplaces)(
      'gives objects to a role that it is a member of and that may not create in their schema: $attributes on $major',
      async (of) => {
        const { mode } = of;
        const { bench, role, server } = await ends(of);
        const other = `${role}_giver`;
        await queryOnce(server.url, `CREATE ROLE ${other}; GRANT ${other} TO ${role}`);
        await bench.source
          .query(`CREATE SCHEMA shop; GRANT USAGE ON SCHEMA shop TO ${other}; CREATE SCHEMA open; GRANT ALL ON SCHEMA open TO ${other};
        CREATE TABLE shop.a (id int PRIMARY KEY, b int); CREATE TABLE shop.c (id int REFERENCES shop.a); CREATE TABLE public.d (id int);
        CREATE FUNCTION open.f() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE STATISTICS shop.s ON id, b FROM shop.a; CREATE TYPE open.e AS ENUM ('x');
        ALTER TABLE shop.a OWNER TO ${other}; ALTER TABLE shop.c OWNER TO ${other}; ALTER TABLE public.d OWNER TO ${other};
        ALTER FUNCTION open.f() OWNER TO ${other}; ALTER STATISTICS shop.s OWNER TO ${other}; ALTER TYPE open.e OWNER TO ${other};
        CREATE PUBLICATION told FOR TABLE shop.a; GRANT CREATE ON DATABASE "${bench.source.name}" TO ${other}; ALTER PUBLICATION told OWNER TO ${other}`);
        const input = { owners: true, privileges: true, mode, roles: { postgres: role } };
        const planned = await plan(bench, input);
        expect(planned.blockers).toEqual([]);
        for (const _again of [1, 2]) await bench.sync(mode, input);
        const { differences } = await bench.verify();
        expect(differences.map(({ name }) => name).toSorted()).toEqual([
          'owner of schema open',
          'owner of schema shop',
        ]);
      },
    );

    it('roles that become one: what was granted is granted, and the plan says that it is not compared', async () => {
      const { mode } = inPlace;
      const { bench, role, server } = await ends(inPlace);
      await queryOnce(server.url, `CREATE ROLE ${role}_a; CREATE ROLE ${role}_b`);
      await bench.source.query(
        `CREATE TABLE t (id int); ALTER TABLE t OWNER TO ${role}_a; GRANT SELECT ON t TO ${role}_b`,
      );
      const input = {
        owners: true,
        privileges: true,
        mode,
        roles: { [`${role}_a`]: role, [`${role}_b`]: role, postgres: role },
      };
      const { blockers, warnings } = await plan(bench, input);
      expect(blockers).toEqual([]);
      expect(warnings.join('\n')).toContain('privileges on table public.t');
      await bench.sync(mode, input);
    });
  });

  it('tablespaces it may not use are named before anything is written, and done without when told', async () => {
    const { bench, server } = await ends(replaces);
    const tablespace = `Fast "${randomBytes(3).toString('hex')}"`;
    const quoted = `"${tablespace.replaceAll('"', '""')}"`;
    await queryOnce(server.url, `CREATE TABLESPACE ${quoted} LOCATION ''`);
    await bench.source.query(
      `CREATE TABLE t (id int) TABLESPACE ${quoted}; CREATE INDEX i ON t (id) TABLESPACE ${quoted}; INSERT INTO t VALUES (1)`,
    );
    const { blockers } = await plan(bench);
    expect(blockers.map(({ code, details }) => ({ code, tablespaces: details['tablespaces'] }))).toEqual([
      { code: 'TARGET_TABLESPACE_MISSING', tablespaces: [tablespace] },
    ]);
    const error = await failsAndChangesNothing(bench.target, () =>
      bench.sync('replace', { owners: false, privileges: false }),
    );
    expect(error.code).toBe('TARGET_TABLESPACE_MISSING');
    Object.assign(bench.config.sync, { tablespaces: false });
    expect((await plan(bench)).blockers).toEqual([]);
    await bench.sync('replace', { owners: false, privileges: false });
    expect(
      await bench.target.query(
        `SELECT DISTINCT reltablespace::int AS place FROM pg_class WHERE relname IN ('t', 'i')`,
      ),
    ).toEqual([{ place: 0 }]);
    expect((await bench.verify()).differences.filter(({ name }) => !name.startsWith('owner of '))).toEqual(
      [],
    );
  });

  it('in place, an extension that belongs to somebody else stays and is matched, with its schema', async () => {
    const { bench, admin } = await ends(inPlace);
    const setup = `CREATE SCHEMA extensions; CREATE EXTENSION citext SCHEMA extensions; CREATE EXTENSION pageinspect SCHEMA extensions`;
    await bench.source
      .query(`${setup}; CREATE TABLE t (v extensions.citext PRIMARY KEY); INSERT INTO t VALUES ('A');
      COMMENT ON EXTENSION citext IS 'ours'; GRANT USAGE ON SCHEMA extensions TO PUBLIC`);
    await admin(
      `${setup}; CREATE EXTENSION pg_trgm SCHEMA extensions; GRANT USAGE ON SCHEMA extensions TO PUBLIC`,
    );
    const { blockers, warnings } = await plan(bench);
    expect(blockers).toEqual([]);
    expect(warnings.filter((warning) => warning.includes('stays as it is')).length).toBe(4);
    expect(warnings.join('\n')).toContain(
      'extension citext of the target belongs to postgres: it stays as it is, with its comment.',
    );
    await bench.sync('in-place', { owners: false, privileges: false });
    expect(await admin('SELECT extname::text FROM pg_extension ORDER BY 1')).toEqual(
      ['citext', 'pageinspect', 'pg_trgm', 'plpgsql'].map((extname) => ({ extname })),
    );
    expect(await bench.target.query(`SELECT v::text FROM t WHERE v OPERATOR(extensions.=) 'a'`)).toEqual([
      { v: 'A' },
    ]);
  });

  it('in place, a namesake in another schema is an error that names both', async () => {
    const { bench, admin } = await ends(inPlace);
    await bench.source.query(`CREATE EXTENSION citext SCHEMA public`);
    await admin(`CREATE SCHEMA extensions; CREATE EXTENSION citext SCHEMA extensions`);
    const { blockers } = await plan(bench);
    expect(blockers.map(({ message }) => message).join()).toContain(
      'citext is in schema extensions and would have to be in public',
    );
  });

  it('in place, the provider’s event triggers stay where they are left out, and are named where not', async () => {
    const { bench, admin } = await ends(inPlace);
    await bench.source.query('CREATE TABLE t (id int)');
    await admin(`CREATE SCHEMA provider; CREATE FUNCTION provider.told() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
      CREATE EVENT TRIGGER told ON ddl_command_end EXECUTE FUNCTION provider.told()`);
    const refused = await plan(bench);
    expect(refused.blockers.map(({ code }) => code)).toEqual(['TARGET_PRIVILEGE']);
    expect(refused.blockers[0]!.message).toContain('event trigger told (postgres)');
    expect(refused.blockers[0]!.message).toContain('function provider.told() (postgres)');
    const half = await plan(bench, { leaveOut: ['event trigger'] });
    expect(half.blockers.map(({ message }) => message).join()).toContain(
      'event trigger told (needs function provider.told())',
    );
    const leaveOut = ['event trigger told', 'function provider.told()', 'schema provider'];
    expect((await plan(bench, { leaveOut })).blockers).toEqual([]);
    await bench.sync('in-place', { owners: false, privileges: false, leaveOut });
    expect(await admin('SELECT evtname::text, evtfoid::regproc::text FROM pg_event_trigger')).toEqual([
      { evtname: 'told', evtfoid: 'provider.told' },
    ]);
  });

  it('a source whose rows a policy hides from the role is refused, and the table named', async () => {
    const { bench, role } = await ends(replaces);
    await bench.source
      .query(`CREATE TABLE "Secret" (id int); INSERT INTO "Secret" VALUES (1), (2); ALTER TABLE "Secret" ENABLE ROW LEVEL SECURITY;
      CREATE POLICY one ON "Secret" USING (id = 1); GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${role}`);
    const url = new URL(bench.source.url);
    url.username = role;
    url.password = 'x';
    const hidden = await createBench({
      source: { ...bench.source, url: url.href },
      target: bench.target,
      change: wholeDatabases,
    });
    const error = await failsAndChangesNothing(bench.target, () =>
      hidden.sync('in-place', { owners: false, privileges: false }),
    );
    expect(error).toMatchObject({ code: 'SOURCE_ROWS_HIDDEN' });
    expect(error.message).toContain('"public"."Secret"');
    expect((await failsAndChangesNothing(bench.target, () => hidden.export())).code).toBe(
      'SOURCE_ROWS_HIDDEN',
    );
    expect((await plan(hidden)).blockers.map(({ code }) => code)).toContain('SOURCE_ROWS_HIDDEN');
  });
});

/** What a role without special rights can own: everything but what needs a superuser. */
const ownable = `
CREATE SCHEMA shop;
CREATE TYPE shop.mood AS ENUM ('low', 'high');
CREATE DOMAIN shop.positive AS int CHECK (VALUE > 0);
CREATE TYPE shop.pair AS (a int, b shop.mood);
CREATE TYPE shop.span AS RANGE (subtype = float8);
CREATE COLLATION shop.plain (provider = libc, locale = 'C');
CREATE EXTENSION citext SCHEMA shop;
CREATE FUNCTION shop.add(int, int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 + $2';
CREATE AGGREGATE shop.total(int) (SFUNC = shop.add, STYPE = int, INITCOND = '0');
CREATE OPERATOR shop.+! (FUNCTION = shop.add, LEFTARG = int, RIGHTARG = int);
CREATE FUNCTION shop.to_mood(int) RETURNS shop.mood LANGUAGE sql IMMUTABLE AS $$ SELECT 'low'::shop.mood $$;
CREATE CAST (int AS shop.mood) WITH FUNCTION shop.to_mood(int);
CREATE TEXT SEARCH DICTIONARY shop.dict (TEMPLATE = pg_catalog.simple);
CREATE TEXT SEARCH CONFIGURATION shop.conf (COPY = pg_catalog.simple);
CREATE TABLE shop."Part" (id serial PRIMARY KEY, mood shop.mood, n shop.positive, p shop.pair, s shop.span, t text COLLATE shop.plain, c shop.citext);
INSERT INTO shop."Part" (mood, n, p, s, t, c) SELECT 'low', g, ROW(g, 'high')::shop.pair, '[1,2]', 'x', 'Y' FROM generate_series(1, 20) AS g;
CREATE TABLE shop.child (id int GENERATED ALWAYS AS IDENTITY, part int REFERENCES shop."Part", EXCLUDE (part WITH =));
CREATE INDEX ON shop."Part" (n); CREATE STATISTICS shop.st ON id, n FROM shop."Part";
CREATE VIEW shop.v WITH (security_barrier) AS SELECT id, shop.total(n) AS n FROM shop."Part" GROUP BY id;
CREATE MATERIALIZED VIEW shop.m AS SELECT count(*) AS n FROM shop.v;
CREATE RULE quiet AS ON UPDATE TO shop.child DO INSTEAD NOTHING;
CREATE FUNCTION shop.stamp() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = shop AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER stamp BEFORE INSERT ON shop.child FOR EACH ROW EXECUTE FUNCTION shop.stamp();
CREATE PROCEDURE shop.run() LANGUAGE plpgsql AS 'BEGIN END';
CREATE POLICY p ON shop."Part" USING (n > 0);
CREATE PUBLICATION pub FOR TABLE shop."Part";
CREATE TABLE shop.parted (id int, mood shop.mood) PARTITION BY LIST (mood);
CREATE TABLE shop.parted_low PARTITION OF shop.parted FOR VALUES IN ('low');
CREATE UNLOGGED TABLE shop.fast (id int);
COMMENT ON TABLE shop."Part" IS 'parts'; COMMENT ON SCHEMA shop IS 'all of it';`;
