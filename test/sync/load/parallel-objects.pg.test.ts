import { expect, it } from 'vitest';
import type { RunnableObject } from '../../../src/plan/runnable-object.ts';
import type { Session } from '../../../src/postgres/session.ts';
import { runObjectsInOrder } from '../../../src/sync/load/run-in-order.ts';
import { runObjectsParallel } from '../../../src/sync/load/run-objects.ts';
import { withSession } from '../../catalog/oracle.ts';
import { testDatabase } from '../../support/postgres.ts';
import { runnable } from '../../harness/runnable.ts';

/** Locks that no catalogue tells of: each takes one table, waits until the other has the other, and asks for that. */
function greedy(name: string, first: string, second: string): RunnableObject {
  const sql = `DO $$
      DECLARE
        patience integer := 200;
      BEGIN
        LOCK TABLE ${first};
        WHILE patience > 0 AND NOT EXISTS (
          SELECT FROM pg_locks WHERE relation = '${second}'::regclass AND mode = 'AccessExclusiveLock'
        ) LOOP
          PERFORM pg_sleep(0.01);
          patience := patience - 1;
        END LOOP;
        LOCK TABLE ${second};
        INSERT INTO done VALUES ('${name}');
      END $$`;
  return runnable({ name, kind: 'index', section: 'post-data', sql });
}

const pair = [greedy('x', 'a', 'b'), greedy('y', 'b', 'a')];
/** Done while the others still wait for each other: nothing is left to be begun when they deadlock. */
const quick = runnable({
  name: 'quick',
  kind: 'index',
  section: 'post-data',
  sql: "INSERT INTO done VALUES ('quick')",
});

it.each([
  ['alone', pair],
  ['beside another', [...pair, quick]],
])(
  'objects that deadlock when made side by side are made one after the other: %s',
  async (_name, objects) => {
    const database = await testDatabase('deadlock');
    await database.query('CREATE TABLE a (); CREATE TABLE b (); CREATE TABLE done (name text)');
    const options = { signal: AbortSignal.timeout(30_000) };
    const names = objects.map(({ name }) => name);
    const made: string[] = [];
    const withSessions = async (sessions: readonly Session[]): Promise<void> => {
      if (sessions.length < objects.length) {
        return withSession(database.url, 'target', async (next) => {
          await next.execute('SET search_path = public', options);
          await withSessions([...sessions, next]);
        });
      }
      await runObjectsParallel(sessions, objects, { ...options, onDone: ({ name }) => made.push(name) });
    };
    await withSessions([]);
    expect(made.toSorted()).toEqual(names.toSorted());
    const done = await database.query<{ name: string }>('SELECT name FROM done ORDER BY name');
    expect(done.map(({ name }) => name)).toEqual(names.toSorted());
    // A server writes its statistics down when the session has ended.
    await expect
      .poll(async () =>
        database.query('SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()'),
      )
      .toEqual([{ deadlocks: 1 }]);
    await database.drop();
  },
);

const insert = (name: string, kind: RunnableObject['kind'] = 'index'): RunnableObject =>
  runnable({ name, kind, section: 'post-data', sql: `INSERT INTO public.done VALUES ('${name}');` });

it('objects that do not wait for each other are named when they fail, whichever it is', async () => {
  const database = await testDatabase('order');
  await database.query('CREATE TABLE done (name text)');
  const objects = [
    insert('first'),
    insert('second', 'view'),
    runnable({
      name: 'wrong',
      kind: 'index',
      section: 'post-data',
      sql: 'CREATE INDEX ON public.nowhere (v)',
    }),
    insert('behind'),
  ];
  const made: string[] = [];
  await withSession(database.url, 'target', async (session) => {
    await session.execute('BEGIN');
    const signal = AbortSignal.timeout(30_000);
    const running = runObjectsInOrder(session, objects, { signal, onDone: ({ name }) => made.push(name) });
    await expect(running).rejects.toThrow(/^Creating .*wrong/);
    await session.execute('ROLLBACK');
  });
  expect(made).toEqual(['first', 'second']);
  await database.drop();
});

it('in a transaction a statement for which parallel workers lack memory runs again without them, and the rest goes on', async () => {
  const database = await testDatabase('order');
  await database.query('CREATE TABLE done (name text)');
  const sql = `DO $$ BEGIN
      INSERT INTO public.done VALUES ('large ' || current_setting('max_parallel_maintenance_workers'));
      IF current_setting('max_parallel_maintenance_workers') <> '0' THEN
        RAISE EXCEPTION 'could not resize shared memory segment "/PostgreSQL.1" to 8 bytes: No space left on device' USING ERRCODE = 'disk_full';
      END IF;
    END $$;`;
  const objects = [
    insert('first'),
    runnable({ name: 'large', kind: 'index', section: 'post-data', sql }),
    insert('behind'),
  ];
  await withSession(database.url, 'target', async (session) => {
    await session.execute('BEGIN');
    await runObjectsInOrder(session, objects, { signal: AbortSignal.timeout(30_000) });
    await session.execute('COMMIT');
  });
  expect(await database.query('SELECT name FROM done ORDER BY ctid')).toEqual([
    { name: 'first' },
    { name: 'large 0' },
    { name: 'behind' },
  ]);
  await database.drop();
});
