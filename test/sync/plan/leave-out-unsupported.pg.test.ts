import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Config } from '../../../src/config/config.ts';
import { planSync } from '../../../src/sync/verbs/plan.ts';
import { psql } from '../../support/client-tools.ts';
import { lacks } from '../../support/lacks.ts';
import { testDatabase, testRole } from '../../support/postgres.ts';
import type { TestDatabase } from '../../support/postgres.ts';
import { createBench, failsAndChangesNothing, modes, stateOf } from '../../harness/environment-pair.ts';
import type { Bench } from '../../harness/environment-pair.ts';
import { failure } from '../../harness/failure.ts';

/** One of each: what has a definition, what is a state of something, what has no contents to read, what loops. */
const broken = `CREATE TABLE t (id integer PRIMARY KEY, a integer);
  INSERT INTO t VALUES (1, 1);
  CREATE INDEX half ON t (a);
  COMMENT ON INDEX half IS 'goes with it';
  UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'half'::regclass;
  CREATE TABLE off (id integer REFERENCES t);
  ALTER TABLE off DISABLE TRIGGER ALL;
  CREATE MATERIALIZED VIEW hollow AS SELECT a FROM t;
  CREATE MATERIALIZED VIEW full_of_hollow AS SELECT a FROM hollow;
  REFRESH MATERIALIZED VIEW hollow WITH NO DATA;
  CREATE DOMAIN looping AS integer;
  CREATE FUNCTION looped() RETURNS looping LANGUAGE sql AS 'SELECT 1';
  ALTER DOMAIN looping SET DEFAULT looped();`;

/** Every name as the error says it, up to its comma. */
const names = [
  'contents of materialized view public.full_of_hollow',
  'disabled state of constraint off_id_fkey on public.off',
  'domain public.looping',
  'function public.looped()',
  'index public.half',
];

const facts = `SELECT to_regclass('half') AS half, to_regtype('looping') AS looping, to_regproc('looped') AS looped,
  (SELECT relispopulated FROM pg_class WHERE oid = 'full_of_hollow'::regclass) AS populated,
  (SELECT count(*)::int FROM pg_trigger WHERE tgrelid = 'off'::regclass AND tgenabled = 'D') AS disabled,
  (SELECT count(*)::int FROM t) AS rows`;
const withoutThem = { half: null, looping: null, looped: null, populated: false, disabled: 0, rows: 1 };

const asking = (config: Config): Config => ({ ...config, sync: { ...config.sync, leaveOut: names } });

describe('what cannot be carried goes when asked for by name, and only then', () => {
  let source: TestDatabase;

  beforeEach(async () => {
    source = await testDatabase('broken');
    await source.query(broken);
  });

  test('the error says the names', async () => {
    const bench = await createBench({ source });
    const { message, hint } = await failure(bench.export());
    for (const name of names) expect(message).toContain(name);
    expect(hint).toContain('--leave-out');
    // What needs each other goes together.
    for (const leaveOut of [names.slice(0, 2), names.slice(2)]) {
      const error = await failsAndChangesNothing(bench.target, () => bench.sync('replace', { leaveOut }));
      for (const name of names)
        expect([name, error.message.includes(name)]).toEqual([name, !leaveOut.includes(name)]);
    }
  });

  test.each(modes)('a sync (%s), its plan, and the check afterwards', async (mode) => {
    const bench = await createBench({ source });
    const plan = await planSync(
      { config: bench.config, now: Date.now },
      { source: 'src', target: 'dst', mode, leaveOut: names },
      { signal: new AbortController().signal },
    );
    expect(plan.blockers).toEqual([]);
    expect(plan.leftOut).toEqual(expect.arrayContaining(names));
    for (const name of names) expect(JSON.stringify(plan.differences)).not.toContain(name);
    const receipt = await bench.sync(mode, { leaveOut: names });
    expect(receipt.leftOut.toSorted()).toEqual([
      'comment on index public.half',
      ...names,
      'owner of domain public.looping',
      'owner of function public.looped()',
    ]);
    expect(await bench.target.query(facts)).toEqual([withoutThem]);
    if (mode === 'in-place') return; // What is compared afterwards does not depend on it.
    expect((await bench.verify()).differences.map(({ name }) => name.replace(/,.*/s, ''))).toEqual(
      expect.arrayContaining(names.slice(0, 2)),
    );
    const configured = await createBench({ source, target: bench.target, change: asking });
    for (const verified of [await configured.verify(), await bench.verify({ leaveOut: names })]) {
      expect(verified.equal).toBe(true);
      for (const name of names) expect(verified.notCompared.join('; ')).toContain(name);
    }
  });

  test.each(modes)(
    'a target that has them: its safety copy is without them, and so is an undo (%s)',
    async (mode) => {
      const bench = await createBench({ target: source });
      await bench.source.query('CREATE TABLE fresh (id integer)');
      const error = await failsAndChangesNothing(source, () => bench.sync(mode));
      expect(error.code).toBe('TARGET_UNSUPPORTED');
      for (const name of names) expect(error.message).toContain(name);
      const plan = await planSync(
        { config: bench.config, now: Date.now },
        { source: 'src', target: 'dst', mode },
        { signal: new AbortController().signal },
      );
      expect(plan.blockers.map(({ code }) => code)).toContain('TARGET_UNSUPPORTED');
      const { jobId } = await bench.sync(mode, { leaveOut: names });
      expect(await source.query(`SELECT to_regclass('fresh')::text AS fresh, to_regclass('t') AS t`)).toEqual(
        [{ fresh: 'fresh', t: null }],
      );
      await bench.rollback(jobId);
      // A kept database comes back as it was. In place, what is no part of a table has stayed; the rest is in no copy.
      const [after] = await source.query(facts);
      if (mode === 'in-place')
        expect(after).toEqual({ ...withoutThem, looping: 'looping', looped: 'looped' });
      else expect(after).toMatchObject({ half: 'half', looping: 'looping', populated: true, rows: 1 });
    },
  );

  test.skipIf(lacks('client-tools'))('an export: whatever is named stays out of the file', async () => {
    await source.query(`CREATE SEQUENCE numbers; CREATE VIEW v AS SELECT 1 AS one; SELECT lo_create(7);
      CREATE EXTENSION citext; CREATE TABLE of_extension (id integer); INSERT INTO of_extension VALUES (1);
      ALTER EXTENSION citext ADD TABLE of_extension;
      UPDATE pg_extension SET extconfig = ARRAY['of_extension'::regclass], extcondition = ARRAY[''] WHERE extname = 'citext'`);
    const bench = await createBench({ source, change: asking });
    const output = join(bench.directory, 'some.sql');
    const leaveOut = ['sequence public.numbers', 'view', 'extension citext', 'large objects'];
    const receipt = await bench.export({ output, compression: 'none', leaveOut });
    expect(receipt.leftOut).toEqual(
      expect.arrayContaining([...names, ...leaveOut.filter((entry) => entry !== 'view'), 'view public.v']),
    );
    const restored = await testDatabase('restored');
    const { code, stderr } = await psql(restored.url, ['-v', 'ON_ERROR_STOP=1', '-f', output]);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(await restored.query(facts)).toEqual([withoutThem]);
    expect(
      await restored.query(`SELECT to_regclass('numbers') AS numbers, to_regclass('v') AS v,
        to_regclass('of_extension') AS of_extension, (SELECT count(*)::int FROM pg_largeobject_metadata) AS objects`),
    ).toEqual([{ numbers: null, v: null, of_extension: null, objects: 0 }]);
  });

  test('what needs it is an error that names both', async () => {
    const bench: Bench = await createBench({ source });
    await source.query('CREATE TABLE uses (l looping)');
    const error = await failure(bench.export({ leaveOut: names }));
    expect(error).toMatchObject({
      code: 'CONFLICT_LEFT_OUT',
      message: expect.stringContaining('table public.uses (needs domain public.looping)') as string,
    });
  });

  test.skipIf(lacks('client-tools'))(
    'an undo in place gives the old state back, whatever the options leave out and map',
    async () => {
      const target = await testDatabase('managed');
      const mapped = await testRole();
      await target.query(`CREATE SCHEMA provider; CREATE TABLE t (id integer, b integer); INSERT INTO t VALUES (5, 6);
      ALTER TABLE t ENABLE ROW LEVEL SECURITY; ALTER TABLE t OWNER TO "${mapped.name}";
      CREATE FUNCTION provider.told() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
      COMMENT ON FUNCTION provider.told() IS 'stays';
      CREATE FUNCTION provider.used() RETURNS integer LANGUAGE sql AS 'SELECT 1';
      ALTER TABLE t ALTER COLUMN b SET DEFAULT provider.used();
      CREATE EVENT TRIGGER told ON sql_drop EXECUTE FUNCTION provider.told()`);
      const bench = await createBench({
        target,
        change: (config) => ({
          ...config,
          sync: {
            ...config.sync,
            leaveOut: ['event trigger', 'schema provider', 'row security of public.t'],
            roles: { [mapped.name]: 'postgres' },
          },
        }),
      });
      await bench.source.query(
        'CREATE TABLE t (id integer, b integer); ALTER TABLE t ENABLE ROW LEVEL SECURITY',
      );
      const before = await stateOf(target);
      const { jobId, stayed } = await bench.sync('in-place', {
        leaveOut: ['function provider.told()', 'function provider.used()'],
      });
      expect(stayed).toEqual([
        'schema provider',
        'function provider.told()',
        'function provider.used()',
        'event trigger told',
      ]);
      expect(await target.query('SELECT id FROM t')).toEqual([]);
      await bench.rollback(jobId);
      expect(await stateOf(target)).toEqual(before);
    },
  );
});
