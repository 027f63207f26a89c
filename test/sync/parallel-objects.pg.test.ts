import { expect, it } from 'vitest';
import type { RunnableObject } from '../../src/plan/runnable-object.ts';
import { runObjectsParallel } from '../../src/sync/load/run-objects.ts';
import { withSession } from '../catalog/oracle.ts';
import { testDatabase } from '../support/postgres.ts';

/** Locks that no catalogue tells of: each takes one table, waits until the other has the other, and asks for that. */
function greedy(name: string, first: string, second: string): RunnableObject {
  return {
    id: name,
    kind: 'index',
    schema: 'public',
    name,
    identity: `index ${name}`,
    section: 'post-data',
    sql: `DO $$
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
      END $$`,
    dependsOn: [],
    partOf: null,
    locks: [],
    roles: [],
    tablespaces: [],
    minServerMajor: 0,
    superuser: false,
  };
}

it('objects that deadlock when made side by side are made one after the other', async () => {
  const database = await testDatabase('deadlock');
  await database.query('CREATE TABLE a (); CREATE TABLE b (); CREATE TABLE done (name text)');
  const options = { signal: AbortSignal.timeout(30_000) };
  const made: string[] = [];
  await withSession(database.url, 'target', async (one) =>
    withSession(database.url, 'target', async (other) => {
      for (const session of [one, other]) await session.execute(`SET search_path = public`, options);
      await runObjectsParallel([one, other], [greedy('x', 'a', 'b'), greedy('y', 'b', 'a')], {
        ...options,
        onDone: ({ name }) => made.push(name),
      });
    }),
  );
  expect(made.toSorted()).toEqual(['x', 'y']);
  expect(await database.query('SELECT name FROM done ORDER BY name')).toEqual([{ name: 'x' }, { name: 'y' }]);
  // A server writes its statistics down when the session has ended.
  await expect
    .poll(async () =>
      database.query('SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()'),
    )
    .toEqual([{ deadlocks: 1 }]);
  await database.drop();
});
