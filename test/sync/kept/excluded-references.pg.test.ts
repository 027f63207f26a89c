import { beforeAll, describe, expect, test } from 'vitest';
import { planSync } from '../../../src/sync/verbs/plan.ts';
import type { Plan } from '../../../src/sync/contract/plan.ts';
import type { SyncInput } from '../../../src/sync/contract/inputs.ts';
import { psql } from '../../support/client-tools.ts';
import { testDatabase } from '../../support/postgres.ts';
import { createBench, failsAndChangesNothing, modes, rowsOf } from '../../harness/environment-pair.ts';
import type { Bench, BenchDatabase } from '../../harness/environment-pair.ts';

async function planOf(bench: Bench, input: Partial<SyncInput> = {}): Promise<Plan> {
  return planSync(
    { config: bench.config, now: Date.now },
    { source: 'src', target: 'dst', ...input },
    { signal: new AbortController().signal },
  );
}

/** Foreign keys as the server writes them, with their comments. */
async function keysOf(database: BenchDatabase): Promise<readonly string[]> {
  const rows = await database.query<{ key: string }>(
    `SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) || coalesce(' -- ' || obj_description(oid, 'pg_constraint'), '') AS key
     FROM pg_constraint WHERE contype = 'f' AND conparentid = 0 ORDER BY 1`,
  );
  return rows.map(({ key }) => key);
}

/** Only parts, components and the people's notes take part; packs, the tree and the log stay as the target has them. */
const policies = {
  part: 'sync',
  component: 'sync',
  note: 'preserve',
  '*': 'exclude',
} as const;

const schema = (name: string): string =>
  `
  CREATE TABLE ${name}.pack (id int PRIMARY KEY, code text, a int, b int, UNIQUE (b, a));
  CREATE UNIQUE INDEX by_code ON ${name}.pack (code);
  CREATE TABLE ${name}.tree (id int PRIMARY KEY) PARTITION BY RANGE (id);
  CREATE TABLE ${name}.tree_1 PARTITION OF ${name}.tree FOR VALUES FROM (0) TO (100);
  CREATE TABLE ${name}.part (id int PRIMARY KEY, pack int, code text, a int, b int, node int);
  CREATE TABLE ${name}.component (part int, pack int) PARTITION BY RANGE (part);
  CREATE TABLE ${name}.component_1 PARTITION OF ${name}.component FOR VALUES FROM (0) TO (100);
  CREATE TABLE ${name}.note (pack int, part int);
  ALTER TABLE ${name}.part ADD CONSTRAINT of_pack FOREIGN KEY (pack) REFERENCES ${name}.pack ON DELETE CASCADE DEFERRABLE;
  COMMENT ON CONSTRAINT of_pack ON ${name}.part IS 'told';
  ALTER TABLE ${name}.part ADD CONSTRAINT of_code FOREIGN KEY (code) REFERENCES ${name}.pack (code);
  ALTER TABLE ${name}.part ADD CONSTRAINT of_pair FOREIGN KEY (a, b) REFERENCES ${name}.pack (a, b) MATCH FULL;
  ALTER TABLE ${name}.part ADD CONSTRAINT of_tree FOREIGN KEY (node) REFERENCES ${name}.tree NOT VALID;
  ALTER TABLE ${name}.component ADD CONSTRAINT of_pack FOREIGN KEY (pack) REFERENCES ${name}.pack;
  ALTER TABLE ${name}.note ADD CONSTRAINT of_pack FOREIGN KEY (pack) REFERENCES ${name}.pack;
  CREATE TABLE ${name}.log (part int, CONSTRAINT of_part REFERENCES ${name}.part, pack int CONSTRAINT of_pack REFERENCES ${name}.pack);`.replace(
    'log (part int, CONSTRAINT of_part REFERENCES',
    'log (part int CONSTRAINT of_part REFERENCES',
  );

const rows = (name: string): string => `
  INSERT INTO ${name}.pack VALUES (1, 'x', 1, 2), (2, 'y', 3, 4); INSERT INTO ${name}.tree VALUES (1);`;

describe.each(modes)('foreign keys and excluded tables, %s', (mode) => {
  test('keys to a table that the target has are there afterwards, and so are its own', async () => {
    const [from, to] = mode === 'replace' ? ['app', 'live'] : ['public', 'public'];
    const [source, target] = [await testDatabase('source'), await testDatabase('target')];
    if (from !== 'public') {
      await source.query('CREATE SCHEMA app');
      await target.query('CREATE SCHEMA live');
    }
    await source.query(
      `${schema(from)} INSERT INTO ${from}.pack SELECT g FROM generate_series(1, 9) AS g; UPDATE ${from}.pack SET code = 'x' WHERE id = 1;
       INSERT INTO ${from}.part VALUES (1, 1, 'x', NULL, NULL, NULL); INSERT INTO ${from}.component VALUES (1, 2)`,
    );
    await target.query(
      `${schema(to)} ${rows(to)} ALTER TABLE ${to}.part DROP CONSTRAINT of_code; INSERT INTO ${to}.part VALUES (1, 1), (2, 2);
       INSERT INTO ${to}.log VALUES (1, 1); INSERT INTO ${to}.note VALUES (2, 1)`,
    );
    const bench = await createBench({
      source: { ...source, url: `${source.url}?schema=${from}` },
      target: { ...target, url: `${target.url}?schema=${to}` },
      policies,
    });
    const before = await keysOf(target);
    const plan = await planOf(bench, { mode });
    expect([plan.blockers, plan.warnings.filter((one) => one.includes('of_'))]).toEqual([[], []]);
    const receipt = await bench.sync(mode);
    const wanted = (await keysOf(source)).map((key) =>
      key.replaceAll(`${from}.`, from === to ? '' : `${to}.`),
    );
    expect(await keysOf(target)).toEqual(wanted);
    expect(wanted).toHaveLength(8);
    expect(await rowsOf(target, `${to}.part`)).toEqual(['(1,1,x,,,)']);
    expect(await rowsOf(target, `${to}.pack`)).toEqual(['(1,x,1,2)', '(2,y,3,4)']);
    if (mode === 'replace') return;
    // Back by the safety copy, with the keys as they were: the target had one less.
    await bench.rollback(receipt.jobId);
    expect(await keysOf(target)).toEqual(before);
  });
});

describe('what the target lacks', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await createBench({ policies });
    await bench.source.query(
      `${schema('public')} INSERT INTO pack VALUES (1), (2), (7); INSERT INTO part VALUES (1, 1), (2, 7), (3, 7)`,
    );
    await bench.target.query(`${schema('public')} ${rows('public')} INSERT INTO log VALUES (NULL, 2)`);
  });

  test('rows stop the plan and the sync by their keys; a key of the target’s own is asked too', async () => {
    await bench.target.query('INSERT INTO part VALUES (9); INSERT INTO log VALUES (9, 1)');
    const { blockers } = await planOf(bench);
    const error = await failsAndChangesNothing(bench.target, () => bench.sync('replace'));
    expect([error.code, error.message]).toEqual([blockers[0]?.code, blockers[0]?.message]);
    expect(error.message).toContain(
      '2 row(s) of public.part, which come from the source, refer to 1 row(s) of public.pack that will not be there, id = 7 (foreign key of_pack on public.part)',
    );
    expect(error.message).toContain(
      '1 row(s) of public.log, which are kept, refer to 1 row(s) of public.part that will not be there, id = 9 (foreign key of_part on public.log)',
    );
    const leaveOut = ['foreign key of_pack on public.part', 'foreign key of_part on public.log'];
    const left = await planOf(bench, { leaveOut });
    expect(left.leftOut).toContain('foreign key of_pack on public.part');
    expect(left.blockers.map(({ message }) => message).join()).not.toContain('of_pack on public.part');
    await bench.target.query('DELETE FROM log WHERE part = 9; DELETE FROM part WHERE id = 9');
    await bench.source.query('DELETE FROM part WHERE pack = 7');
    expect((await planOf(bench)).blockers).toEqual([]);
  });

  test('a dump without the table loads with psql, and its import makes the keys', async () => {
    const receipt = await bench.sync('replace');
    const empty = await testDatabase('empty');
    const loaded = await psql(empty.url, ['--quiet', '--file', receipt.dump?.file ?? '']);
    expect([loaded.code, loaded.stderr]).toEqual([0, '']);
    expect(await keysOf(empty)).toEqual([]);
    const wanted = await keysOf(bench.source);
    await bench.import({ id: receipt.dump?.dumpId ?? '' }, 'in-place');
    expect(await keysOf(bench.target)).toEqual(wanted);
  });

  test('a unique key is told by name, and a table leaves its keys out by name', async () => {
    await bench.target.query('DROP INDEX by_code CASCADE');
    const room = 'CREATE TABLE room (id int4range, during daterange)';
    const key = 'ALTER TABLE room ADD PRIMARY KEY (id, during WITHOUT OVERLAPS)';
    await bench.source.query(
      `${room}; ${key}; ALTER TABLE part ADD slot int4range, ADD span daterange,
       ADD CONSTRAINT of_room FOREIGN KEY (slot, PERIOD span) REFERENCES room (id, PERIOD during)`,
    );
    await bench.target.query(`${room}; CREATE UNIQUE INDEX ON room (id, during)`);
    const ofCode = 'foreign key of_code on public.part refers to public.pack (code)';
    const ofRoom = 'foreign key of_room on public.part refers to public.room (id, PERIOD during)';
    const lacking = async (): Promise<unknown> => (await planOf(bench)).blockers;
    const code = 'TARGET_KEPT_TABLE';
    expect(await lacking()).toMatchObject([
      { code, message: expect.stringContaining(`${ofCode}; ${ofRoom}.`) },
    ]);
    await bench.target.query(`${key} DEFERRABLE`);
    expect(await lacking()).toMatchObject([
      { code, message: expect.stringContaining(`${ofCode}; ${ofRoom}.`) },
    ]);
    await bench.target.query(`ALTER TABLE room DROP CONSTRAINT room_pkey; ${key}`);
    expect(await lacking()).toMatchObject([{ code, message: expect.stringContaining(`${ofCode}.`) }]);
    await bench.target.query('DROP TABLE pack CASCADE');
    const { blockers, warnings } = await planOf(bench);
    expect(blockers).toEqual([]);
    const left = ['of_pack on public.part', 'of_code on public.part', 'of_pack on public.component'].map(
      (name) =>
        `foreign key ${name} refers to an excluded table that the target does not have; it is left out.`,
    );
    expect(warnings).toEqual(expect.arrayContaining(left));
    const receipt = await bench.sync('in-place');
    expect(receipt.warnings).toEqual(expect.arrayContaining(left));
  });
});
