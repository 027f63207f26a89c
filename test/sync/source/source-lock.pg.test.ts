import { expect, test } from 'vitest';
import { createBench, expectEqual } from '../../harness/environment-pair.ts';
import { queryOnce } from '../../support/postgres-connection.ts';

/** A snapshot taken before a rewrite commits sees the rewritten table empty: so the locks come first. */
test('a table that is being rewritten when the run begins is copied whole', async () => {
  const bench = await createBench();
  await bench.source.query(
    'CREATE TABLE big (id int PRIMARY KEY); INSERT INTO big SELECT generate_series(1, 1000)',
  );
  const rewriting = queryOnce(
    bench.source.url,
    'BEGIN; ALTER TABLE big ALTER COLUMN id TYPE bigint; SELECT pg_sleep(2); COMMIT',
  );
  // The rewrite holds its lock once its transaction is seen sleeping.
  await expect
    .poll(() =>
      bench.source.query(
        `SELECT 1 FROM pg_locks WHERE relation = 'big'::regclass AND mode = 'AccessExclusiveLock' AND granted`,
      ),
    )
    .toHaveLength(1);
  const receipt = await bench.sync('replace');
  await rewriting;
  expect(receipt.rows).toBe(1000);
  await expectEqual(bench);
});
