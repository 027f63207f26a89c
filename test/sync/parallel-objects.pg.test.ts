import { expect, it } from 'vitest';
import type { RunnableObject } from '../../src/plan/runnable-object.ts';
import type { Session } from '../../src/postgres/session.ts';
import { runObjectsParallel } from '../../src/sync/load/run-objects.ts';
import { withSession } from '../catalog/oracle.ts';
import { testDatabase } from '../support/postgres.ts';
import { runnable } from './runnable.ts';

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
