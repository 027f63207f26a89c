import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from 'pg';
import { connected } from '../harness/applications.ts';
import { beforeAll, describe, expect, test } from 'vitest';
import { multiboardTablePolicies } from '../../src/config/presets/multiboard.ts';
import type { Config } from '../../src/config/config.ts';
import type { PlanInput } from '../../src/sync/contract/plan.ts';
import { examine } from '../../src/sync/verbs/doctor.ts';
import { planSync } from '../../src/sync/verbs/plan.ts';
import { createBench, rowsOf } from '../harness/environment-pair.ts';
import type { Bench } from '../harness/environment-pair.ts';
import { failure } from '../harness/failure.ts';
import { readers } from '../harness/readers.ts';
import { pgDump } from '../support/client-tools.ts';
import { testDatabase } from '../support/postgres.ts';
import { managedProject } from './project.ts';
import type { ManagedProject } from './project.ts';

let source: ManagedProject;
let target: ManagedProject;
let bench: Bench;

const withPreset = (config: Config): Config => ({ ...config, tablePolicies: multiboardTablePolicies });

const plan = ({ config }: Bench, input: Partial<PlanInput> = {}) =>
  planSync(
    { config, now: Date.now },
    { source: 'src', target: 'dst', ...input },
    { signal: new AbortController().signal },
  );

/** Schema public as pg_dump writes it: definitions and rows. */
async function publicOf(project: ManagedProject): Promise<string> {
  const { stdout, stderr, code } = await pgDump(project.admin.url, ['--schema=public']);
  if (code !== 0) throw new Error(`pg_dump: ${stderr}`);
  // A server writes some casts of arrays otherwise when it reads what it has written.
  return stdout
    .replaceAll(/^\\(un)?restrict .*$/gm, '')
    .replaceAll(/^ *CONSTRAINT "Part_material_check" .*$/gm, '');
}

const questions = [
  'SELECT count(*) FROM "PartOverview"',
  'SELECT count(*) FROM "Part"',
  'SELECT count(*) FROM "Part" AS p JOIN "PartOverview" AS o USING ("id")',
  'SELECT max("id") FROM "List"',
];

/** Five people who write to their lists without a pause. */
async function writersTo(project: ManagedProject) {
  const over = new AbortController();
  const errors: string[] = [];
  let rows = 0;
  const write = async (client: Client): Promise<void> => {
    while (!over.signal.aborted) {
      try {
        await client.query(
          `INSERT INTO public."List" ("profileId", "name") SELECT "id", 'written meanwhile' FROM public."Profile" ORDER BY "id" LIMIT 1`,
        );
        rows += 1;
      } catch (error) {
        errors.push(String(error));
      }
      await delay(10);
    }
  };
  const clients = await Promise.all(Array.from({ length: 5 }, () => connected(project.url)));
  const writing = clients.map(write);
  return async () => {
    over.abort();
    await Promise.all(writing);
    return { rows, errors };
  };
}

async function dropKeptSchemas(): Promise<void> {
  const kept = await target.admin.query<{ name: string }>(
    `SELECT nspname::text AS name FROM pg_namespace WHERE starts_with(nspname, 'multiboard_sync_')`,
  );
  for (const { name } of kept) await target.admin.query(`DROP SCHEMA "${name}" CASCADE`);
}

beforeAll(async () => {
  [source, target] = await Promise.all([
    managedProject({ major: 15, variant: 'staging', memberOfServices: true }),
    managedProject({ major: 17, variant: 'production' }),
  ]);
  bench = await createBench({ source, target, change: withPreset });
});

describe('schema public of a Supabase project, published into another one', () => {
  test('the plan is about schema public alone, and says so in one line', async () => {
    const { mode, modeReason, blockers, tables, warnings, differences } = await plan(bench);
    expect(blockers).toEqual([]);
    expect(mode).toBe('in-place');
    expect(modeReason).toContain('the run is about schema public alone');
    expect(tables.every(({ table }) => !table.includes('auth.') && !table.includes('storage.'))).toBe(true);
    expect(warnings.filter((sentence) => /other schemas? stay/.test(sentence))).toHaveLength(2);
    for (const { name } of differences ?? []) expect(name).not.toMatch(/\b(auth|storage|vault|realtime)\./);
    const findings = await examine({ config: bench.config, now: Date.now }, ['dst'], {
      signal: new AbortController().signal,
    });
    expect(findings.filter(({ subject }) => subject === 'dst: schemas')).toMatchObject([
      { level: 'ok', finding: expect.stringContaining('"dst" on Supabase: only schema public takes part') },
    ]);
  });

  test('the target becomes the source, what lies outside stays to the byte, and an undo brings the old state back', async () => {
    const [outside, old, lists] = await Promise.all([
      target.outside(),
      publicOf(target),
      rowsOf(target.admin, 'public."List"'),
    ]);
    const stop = await readers(target.url, [
      'SELECT count(*) FROM "PartOverview"',
      'SELECT count(*) FROM "Part"',
      'SELECT count(*) FROM "Part" AS p JOIN "PartOverview" AS o USING ("id"), "List" AS l LIMIT 1',
    ]);
    const started = performance.now();
    const receipt = await bench.sync('in-place');
    const tookMs = performance.now() - started;
    const { errors, longestMs } = await stop();
    expect(errors).toEqual([]);
    // On a busy machine as well: the rest of the run is four times as long at least.
    expect(longestMs).toBeLessThan(tookMs / 4);
    expect(await target.outside()).toEqual(outside);
    await target.servicesWork();
    expect(await rowsOf(target.admin, 'public."Part"', 'id')).toEqual(
      await rowsOf(source.admin, 'public."Part"', 'id'),
    );
    expect(await rowsOf(target.admin, 'public."List"')).toEqual(lists);
    const verified = await bench.verify();
    expect(verified.differences).toEqual([]);
    expect(verified.notCompared.join('\n')).toContain('all but the schema(s) public');

    await bench.rollback(receipt.jobId);
    expect(await target.outside()).toEqual(outside);
    await target.servicesWork();
    expect(await publicOf(target)).toBe(old);
  });

  test('a switch: people write to their lists all the while, none of it is lost, and an undo leaves it', async () => {
    const numbers = `pg_get_serial_sequence('public."List"', 'id')`;
    const [outside, old] = [await target.outside(), await publicOf(target)];
    const [{ last } = { last: '' }] = await target.admin.query<{ last: string }>(
      `SELECT pg_sequence_last_value(${numbers}::regclass)::text AS last`,
    );
    const writers = await writersTo(target);
    const stop = await readers(target.url, questions);
    const receipt = await bench.sync('switch');
    const { errors } = await stop();
    const wrote = await writers();
    expect([errors, wrote.errors]).toEqual([[], []]);
    await target.servicesWork();
    expect(await rowsOf(target.admin, 'public."Part"', 'id')).toEqual(
      await rowsOf(source.admin, 'public."Part"', 'id'),
    );
    expect((await bench.verify()).differences.map(({ name }) => name)).toEqual([
      'table public."ListPart"',
      'table public."Profile"',
    ]);
    const [{ n } = { n: 0 }] = await target.admin.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM public."List" WHERE "name" = 'written meanwhile'`,
    );
    expect(n).toBe(wrote.rows);
    await target.admin.query(
      `DELETE FROM public."List" WHERE "name" = 'written meanwhile'; SELECT setval(${numbers}, ${last})`,
    );
    await bench.rollback(receipt.jobId);
    await target.servicesWork();
    expect(await publicOf(target)).toBe(old);
    await dropKeptSchemas();
    expect(await target.outside()).toEqual(outside);
  });

  test('a merge changes rows of schema public alone, as a role that is no superuser, and is undone', async () => {
    await expect(bench.sync('merge')).rejects.toMatchObject({ code: 'TARGET_PRIVILEGE' });
    // As the provider gives it.
    await target.admin.query('GRANT SET ON PARAMETER session_replication_role TO postgres');
    const [outside, old] = [await target.outside(), (await publicOf(target)).split('\n').toSorted()];
    const receipt = await bench.sync('merge');
    expect(receipt.tables.find(({ table }) => table === 'public.Part')?.changed?.updated).toBeGreaterThan(0);
    expect(await rowsOf(target.admin, 'public."Part"', 'id')).toEqual(
      await rowsOf(source.admin, 'public."Part"', 'id'),
    );
    await target.servicesWork();
    await bench.rollback(receipt.jobId);
    // Rows that came back lie elsewhere.
    expect((await publicOf(target)).split('\n').toSorted()).toEqual(old);
    const [kept] = await target.admin.query<{ name: string; acl: string | null }>(
      `SELECT nspname::text AS name, nspacl::text AS acl FROM pg_namespace WHERE nspname LIKE 'multiboard_sync_undo_%'`,
    );
    expect(kept?.acl ?? null).toBe(null);
    await target.admin.query(`DROP SCHEMA "${kept?.name}" CASCADE`);
    expect(await target.outside()).toEqual(outside);
    await target.admin.query('REVOKE SET ON PARAMETER session_replication_role FROM postgres');
  });

  test('no account leaves the source: neither a dump nor a safety copy holds one', async () => {
    const { dump } = await bench.export();
    const file = await readFile(dump!.file);
    const text = (dump!.file.endsWith('.gz') ? gunzipSync(file) : file).toString();
    expect(text).toContain('COPY "public"."Part"');
    expect(text).not.toContain('hash of 1');
    expect(text).not.toContain('ciphertext');
  });

  test('mode replace is refused, and leads to no way around it', async () => {
    const { blockers } = await plan(bench, { mode: 'replace' });
    expect(blockers.map(({ code }) => code)).toEqual(['TARGET_PRIVILEGE']);
    expect((await failure(bench.sync('replace'))).message).toBe(blockers[0]?.message);
  });
});

describe('what a plan names before anything is written', () => {
  /** Runs SQL on the target as the provider, and takes it back. */
  async function blockedBy(before: string, after: string): Promise<string> {
    await target.admin.query(before);
    try {
      const { blockers } = await plan(bench);
      const error = await failure(bench.sync('in-place'));
      expect(blockers.map(({ message }) => message)).toContain(error.message);
      return error.message;
    } finally {
      await target.admin.query(after);
    }
  }

  test('something outside that the source’s objects need, and that the target lacks', async () => {
    const message = await blockedBy(
      'ALTER FUNCTION auth.uid() RENAME TO user_id',
      'ALTER FUNCTION auth.user_id() RENAME TO uid',
    );
    expect(message).toContain(
      'function auth.uid() (needed by policy "lists are their owner\'s" on public."List")',
    );
  });

  test('a place in a publication of somebody else', async () => {
    const message = await blockedBy(
      'ALTER PUBLICATION supabase_realtime OWNER TO supabase_admin',
      'ALTER PUBLICATION supabase_realtime OWNER TO postgres',
    );
    expect(message).toContain('table public."Part" in publication supabase_realtime (supabase_admin)');
  });

  test('something outside that could not be put back', async () => {
    const message = await blockedBy(
      `CREATE TABLE vault.marks (id int, part public."Part")`,
      'DROP TABLE vault.marks',
    );
    expect(message).toContain('table vault.marks needs table public."Part"');
  });

  test('a function that something outside calls, and the source does not have', async () => {
    const message = await blockedBy(
      `CREATE FUNCTION public.ours() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
       CREATE TRIGGER ours BEFORE INSERT ON auth.sessions FOR EACH ROW EXECUTE FUNCTION public.ours()`,
      'DROP TRIGGER ours ON auth.sessions; DROP FUNCTION public.ours()',
    );
    expect(message).toContain('needs function public.ours(), which the source does not have');
  });
});

describe('what hangs on schema public from outside', () => {
  test('a function that accounts call gets its new definition, grants and comment where it is', async () => {
    await source.admin.query(
      `CREATE OR REPLACE FUNCTION public.may_read_file(file text) RETURNS boolean LANGUAGE sql STABLE
         AS 'SELECT length(file) > 1';
       REVOKE EXECUTE ON FUNCTION public.may_read_file(text) FROM PUBLIC, anon;
       COMMENT ON FUNCTION public.may_read_file(text) IS 'long names only'`,
    );
    await target.admin.query(`COMMENT ON FUNCTION public.handle_new_user() IS 'goes'`);
    const outside = await target.outside();
    await bench.sync('in-place');
    expect(await target.outside()).toEqual(outside);
    expect((await bench.verify()).differences).toEqual([]);
    await target.servicesWork();
  });

  test('what its owner lets the run drop is made again around it', async () => {
    await target.admin.query(
      `CREATE SCHEMA reports AUTHORIZATION postgres; SET ROLE postgres;
       CREATE VIEW reports.prices AS SELECT id, price, public."partLabel"(name) AS label FROM public."Part";
       COMMENT ON VIEW reports.prices IS 'by hand'; GRANT SELECT ON reports.prices TO anon;
       CREATE TABLE reports.notes (part text REFERENCES public."Part", state text DEFAULT public."partLabel"('x'));
       CREATE INDEX notes_label ON reports.notes (public."partLabel"(state));
       INSERT INTO reports.notes SELECT id FROM public."Part" ORDER BY id LIMIT 3`,
    );
    const outside = await target.outside();
    const { jobId } = await bench.sync('in-place');
    expect(await target.outside()).toEqual(outside);
    await bench.rollback(jobId);
    expect(await target.outside()).toEqual(outside);
  });
});

/** The two ends' schemas have other names. */
const named =
  (src: string, dst: string) =>
  (config: Config): Config => ({
    ...withPreset(config),
    environments: new Map(
      [...config.environments].map(([name, environment]) => [
        name,
        { ...environment, schema: name === 'dst' ? dst : src },
      ]),
    ),
  });

describe('a database of the team’s own', () => {
  test('gets a Supabase project’s schema: what it lacks is named, made by the hint, or left out in one word', async () => {
    const local = await testDatabase('local');
    const own = await createBench({ source, target: local, change: named('public', 'multiboard') });
    await source.admin.query(
      `REVOKE EXECUTE ON FUNCTION public.may_read_file(text) FROM PUBLIC, anon;
       GRANT EXECUTE ON FUNCTION public.may_read_file(text) TO authenticated`,
    );
    const { blockers } = await plan(own);
    const roles = blockers.find(({ code }) => code === 'TARGET_ROLE_MISSING')?.details['roles'];
    expect(roles).toEqual(expect.arrayContaining(['anon', 'authenticated']));
    const lacking = blockers.find(({ code }) => code === 'TARGET_UNSUPPORTED');
    expect(lacking?.details['objects']).toEqual([
      'extension "uuid-ossp" in schema extensions (needed by table public."ApiKey")',
      'extension pgcrypto in schema extensions (needed by table public."ApiKey")',
      'table auth.users (needed by foreign key "Profile_userId_fkey" on public."Profile")',
      'function auth.uid() (needed by policy "lists are their owner\'s" on public."List")',
      'publication supabase_realtime (needed by table public."List" in publication supabase_realtime, ' +
        'table public."Part" in publication supabase_realtime)',
    ]);
    // The hints alone lead to a run.
    const leaveOut = ['missing'];
    const { blockers: left } = await plan(own, { leaveOut });
    expect(left.map(({ details }) => details['objects'])).toEqual([
      [expect.stringContaining('"uuid-ossp"'), expect.stringContaining('pgcrypto')],
    ]);
    await local.query(/Run in the target: (.*;)/.exec(left[0]?.hint ?? '')?.[1] ?? 'no hint');
    const planned = await plan(own, { leaveOut });
    expect(planned.blockers).toEqual([]);
    const receipt = await own.sync('in-place', { leaveOut });
    expect(receipt.leftOut).toEqual(planned.leftOut);
    expect(receipt.leftOut).toEqual(
      expect.arrayContaining([
        'policy "lists are their owner\'s" on public."List"',
        'foreign key "Profile_userId_fkey" on public."Profile"',
        expect.stringMatching(/^privileges on table public."Part"/),
      ]),
    );
    // What was taken from everybody stays taken, though those to whom it was given are missing.
    expect(
      await local.query(
        `SELECT has_function_privilege('pg_monitor', 'multiboard.may_read_file(text)', 'EXECUTE') AS open`,
      ),
    ).toEqual([{ open: false }]);
    expect(await rowsOf(local, 'multiboard."Part"', 'id')).toEqual(
      await rowsOf(source.admin, 'public."Part"', 'id'),
    );
    const { differences, equal } = await own.verify({ leaveOut });
    expect([differences, equal]).toEqual([[], true]);
    // The schema stays and is filled again.
    const [schema] = await local.query(`SELECT 'multiboard'::regnamespace::oid::int8 AS oid`);
    await local.query('DELETE FROM multiboard."ListPart"');
    await own.sync('in-place', { leaveOut });
    expect(await local.query(`SELECT 'multiboard'::regnamespace::oid::int8 AS oid`)).toEqual([schema]);
    expect(
      await local.query(`SELECT nspname FROM pg_namespace WHERE nspname IN ('auth', 'storage')`),
    ).toEqual([]);
  });

  test('is published into a Supabase project’s public, whose identity and rights stay', async () => {
    const local = await testDatabase('local');
    await local.query(
      `CREATE SCHEMA multiboard; CREATE TABLE multiboard."Part" (id int PRIMARY KEY); INSERT INTO multiboard."Part" VALUES (1);
       CREATE TABLE multiboard."List" (id int PRIMARY KEY);
       CREATE FUNCTION multiboard.handle_new_user() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
       CREATE FUNCTION multiboard.may_read_file(file text) RETURNS boolean LANGUAGE sql AS 'SELECT true'`,
    );
    const project = await managedProject({ major: 15, variant: 'production' });
    const outside = await project.outside();
    const own = await createBench({
      source: local,
      target: project,
      change: (config) => ({ ...named('multiboard', 'public')(config), tablePolicies: [] }),
    });
    // A file that holds more than the team’s schema takes no schema of others along.
    const { dump } = await own.export();
    const error = await failure(own.import({ id: dump!.dumpId }, 'in-place', { owners: false }));
    expect(error.code).toBe('CONFLICT_SCHEMA_NAMES');
    expect(error.message).toContain('only schema public takes part');
    const file = join(own.directory, 'plain.sql');
    await writeFile(file, (await pgDump(local.url, ['--no-owner'])).stdout);
    const brought = await own.import({ file }, 'in-place', {
      schema: 'multiboard',
      owners: false,
      ignoreMigrations: true,
    });
    expect(await project.outside()).toEqual(outside);
    expect(await rowsOf(project.admin, 'public."Part"')).toEqual(['(1)']);
    const { jobId } = await own.sync('in-place', { owners: false, ignoreMigrations: true });
    expect(await project.outside()).toEqual(outside);
    expect(await rowsOf(project.admin, 'public."Part"')).toEqual(['(1)']);
    // What accounts call has kept its place, and does what the source's does.
    expect(
      await project.admin.query(`SELECT prosrc FROM pg_proc WHERE oid = 'public.handle_new_user'::regproc`),
    ).toEqual([{ prosrc: 'BEGIN RETURN NEW; END' }]);
    await own.rollback(jobId);
    await own.rollback(brought.jobId);
    expect(await project.outside()).toEqual(outside);
    await project.servicesWork();
  });
});
