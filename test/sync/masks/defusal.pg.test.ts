import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { configure, createBench, failsAndChangesNothing, modes } from '../../harness/environment-pair.ts';
import type { Bench } from '../../harness/environment-pair.ts';

const sourceSql = `
CREATE TABLE outbox (id serial PRIMARY KEY, body text);
CREATE TABLE hooks (id int PRIMARY KEY, url text NOT NULL, active boolean NOT NULL);
CREATE TABLE calls (id int PRIMARY KEY, hook int REFERENCES hooks ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE audit (what text);
CREATE TABLE untouched (id int PRIMARY KEY);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO public.audit VALUES ('hook ' || NEW.id); RETURN NEW; END $$;
CREATE TRIGGER noted AFTER UPDATE ON hooks FOR EACH ROW EXECUTE FUNCTION note();
CREATE MATERIALIZED VIEW urls AS SELECT url, count(*) AS n FROM hooks GROUP BY url;
INSERT INTO outbox (body) SELECT 'mail ' || n FROM generate_series(1, 30) AS n;
INSERT INTO hooks SELECT n, 'https://live.example/' || n % 3, true FROM generate_series(1, 30) AS n;
INSERT INTO calls SELECT n, n FROM generate_series(1, 30) AS n;
INSERT INTO untouched SELECT generate_series(1, 5);
REFRESH MATERIALIZED VIEW urls;
ANALYZE`;

const defuseSql = `-- Nothing leaves staging.
TRUNCATE outbox;
DELETE FROM hooks WHERE id > 20;
UPDATE hooks SET url = 'https://staging.example/', active = false; /* all of them */
DO $$ BEGIN PERFORM 1; END $$
`;

describe('reviewed SQL defuses new data before anybody can see it', () => {
  let bench: Bench;

  beforeAll(async () => {
    bench = await createBench();
    await bench.source.query(sourceSql);
  });

  /** The same bench with this SQL for its target. */
  async function defusedBy(sql: string): Promise<Bench> {
    await writeFile(join(bench.directory, 'defuse.sql'), sql, { mode: 0o600 });
    await configure(bench.directory, { environments: { dst: { defuse: ['defuse.sql'] } } });
    return bench.with({});
  }

  it.each(modes)('in mode %s: proved, then changed, and told', async (mode) => {
    const defused = await defusedBy(defuseSql);
    const receipt = await defused.sync(mode);
    // Proved as it came.
    expect(receipt.tables.map(({ table, rows, equal }) => [table, rows, equal])).toContainEqual([
      'public.outbox',
      30,
      true,
    ]);
    expect(receipt.defused?.statements).toEqual([
      { file: 'defuse.sql', line: 2, command: 'TRUNCATE', rows: null },
      { file: 'defuse.sql', line: 3, command: 'DELETE', rows: 10 },
      { file: 'defuse.sql', line: 4, command: 'UPDATE', rows: 20 },
      { file: 'defuse.sql', line: 5, command: 'DO', rows: null },
    ]);
    const changed = (table: string, inserted: number, updated: number, deleted: number) => ({
      table: `public.${table}`,
      inserted,
      updated,
      deleted,
    });
    expect(receipt.defused?.tables).toEqual([
      changed('audit', 20, 0, 0),
      changed('calls', 0, 0, 10),
      changed('hooks', 0, 20, 10),
    ]);
    const [state] = await bench.target.query(
      `SELECT (SELECT count(*) FROM outbox)::int AS outbox, (SELECT count(*) FROM calls)::int AS calls,
         (SELECT string_agg(DISTINCT url || active, ',') FROM hooks) AS hooks, (SELECT string_agg(url, ',') FROM urls) AS urls,
         (SELECT count(*) FROM pg_stats WHERE most_common_vals::text LIKE '%live%')::int AS remembered`,
    );
    expect(state).toEqual({
      outbox: 0,
      calls: 20,
      hooks: 'https://staging.example/false',
      urls: 'https://staging.example/',
      remembered: 0,
    });
    // An undo brings back what was there, which was defused before.
    if (mode === 'in-place') {
      const undone = await defused.rollback(receipt.jobId);
      expect(undone.defused ?? null).toBeNull();
      expect(await bench.target.query('SELECT count(*)::int AS audit FROM audit')).toEqual([{ audit: 20 }]);
    }
  });

  it.each(modes)('in mode %s: a statement that fails leaves the target as it was', async (mode) => {
    const defused = await defusedBy(`DELETE FROM outbox;\n\nUPDATE hooks SET url = NULL`);
    const error = await failsAndChangesNothing(bench.target, () => defused.sync(mode));
    expect([error.code, error.message]).toEqual([
      'TARGET_DEFUSAL_FAILED',
      expect.stringMatching(
        /^defuse\.sql:3 \(UPDATE\) failed: .*"url".*\(SQLSTATE 23502\)\. Nothing was changed\.$/,
      ),
    ]);
  });

  it('refuses what would leave the transaction, and a merge, by name', async () => {
    for (const [sql, why] of [
      ['DELETE FROM outbox;\nCOMMIT;', /^defuse\.sql:2: COMMIT would end the transaction/],
      ['\\i other.sql\n', /^defuse\.sql:1: commands of psql/],
      ['COPY hooks FROM stdin;\n1\n\\.\n', /^defuse\.sql:1: rows cannot come with COPY/],
    ] as const) {
      const bad = await defusedBy(sql);
      const error = await failsAndChangesNothing(bench.target, () => bad.sync('replace'));
      expect([error.code, error.message]).toEqual(['CONFIG_INVALID', expect.stringMatching(why)]);
    }
    const merging = await defusedBy(defuseSql);
    const refused = await failsAndChangesNothing(bench.target, () => merging.sync('merge'));
    expect([refused.code, refused.message]).toEqual([
      'TARGET_UNSUPPORTED',
      expect.stringContaining('would bring back what was defused'),
    ]);
  });
});
