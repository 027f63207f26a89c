import { beforeAll, describe, expect, it } from 'vitest';
import type { OrphanPolicies } from '../../../src/plan/orphans.ts';
import type { Receipt } from '../../../src/sync/contract/receipts.ts';
import { planSync } from '../../../src/sync/verbs/plan.ts';
import { createBench, failsAndChangesNothing } from '../../harness/environment-pair.ts';
import type { Bench } from '../../harness/environment-pair.ts';
import { failure } from '../../harness/failure.ts';

const definitions = `
  CREATE TABLE maker (id int PRIMARY KEY, name text);
  CREATE TABLE part (id int PRIMARY KEY, code text UNIQUE, maker int REFERENCES maker, twice int GENERATED ALWAYS AS (id * 2) STORED);
  CREATE TABLE spot (a int, b text, PRIMARY KEY (a, b));
  CREATE TABLE pin (id int PRIMARY KEY, part int NOT NULL REFERENCES part, above int REFERENCES pin);
  CREATE TABLE note (id int PRIMARY KEY, pin int REFERENCES pin, size int GENERATED ALWAYS AS (id + 1) STORED);
  CREATE TABLE wish (code text REFERENCES part (code), says text);
  CREATE TABLE "Own.ed" (a int, b text, id int, FOREIGN KEY (a, b) REFERENCES spot MATCH FULL) PARTITION BY RANGE (id);
  CREATE TABLE owned_1 PARTITION OF "Own.ed" FOR VALUES FROM (0) TO (10);
  CREATE TABLE owned_2 PARTITION OF "Own.ed" FOR VALUES FROM (10) TO (20);
  CREATE TABLE praise (id int PRIMARY KEY, part int REFERENCES part ON DELETE CASCADE);
  CREATE FUNCTION never() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'a trigger acted'; END $$;
  CREATE TRIGGER never BEFORE INSERT OR UPDATE OR DELETE ON pin FOR EACH ROW EXECUTE FUNCTION never();
`;

const orphans: OrphanPolicies = {
  'foreign key pin_part_fkey on public.pin': 'delete',
  'foreign key pin_above_fkey on public.pin': 'setNull',
  'foreign key note_pin_fkey on public.note': 'delete',
  'foreign key wish_code_fkey on public.wish': 'setNull',
  'foreign key "Own.ed_a_b_fkey" on public."Own.ed"': 'setNull',
  'foreign key praise_part_fkey on public.praise': 'keepParent',
  'foreign key part_maker_fkey on public.part': 'keepParent',
};

let bench: Bench;

const merge = (more: { readonly orphans?: OrphanPolicies } = {}): Promise<Receipt> =>
  bench.run({
    kind: 'sync',
    input: { source: 'src', target: 'dst', confirm: 'dst', mode: 'merge', ...more },
  });

const everything = async (): Promise<unknown> => {
  const [row] = await bench.target.query(`SELECT
    (SELECT json_agg(m ORDER BY id) FROM maker AS m) AS makers, (SELECT json_agg(p ORDER BY id) FROM part AS p) AS parts,
    (SELECT json_agg(s ORDER BY a, b) FROM spot AS s) AS spots, (SELECT json_agg(p ORDER BY id) FROM pin AS p) AS pins,
    (SELECT json_agg(n ORDER BY id) FROM note AS n) AS notes, (SELECT json_agg(w ORDER BY code, says) FROM wish AS w) AS wishes,
    (SELECT json_agg(o ORDER BY id) FROM "Own.ed" AS o) AS owned, (SELECT json_agg(p ORDER BY id) FROM praise AS p) AS praise`);
  return row;
};

beforeAll(async () => {
  bench = await createBench({
    policies: {
      pin: 'preserve',
      note: 'preserve',
      wish: 'preserve',
      praise: 'preserve',
      '"Own.ed"': 'preserve',
    },
  });
  for (const database of [bench.source, bench.target]) {
    await database.query(definitions);
    await database.query(`INSERT INTO maker SELECT i, 'maker ' || i FROM generate_series(1, 4) AS i;
      INSERT INTO part SELECT i, 'c' || i, 1 + i % 4 FROM generate_series(1, 100) AS i;
      INSERT INTO spot SELECT i, 'b' || i FROM generate_series(1, 20) AS i`);
  }
  await bench.source
    .query(`DELETE FROM part WHERE id IN (10, 20, 30, 31) OR maker = 4; DELETE FROM maker WHERE id = 4;
    DELETE FROM spot WHERE a IN (3, 13)`);
  await bench.target.query(`ALTER TABLE pin DISABLE TRIGGER never;
    INSERT INTO pin VALUES (1, 1, NULL), (2, 10, NULL), (3, 2, 2), (4, 4, 1), (5, 20, 2);
    ALTER TABLE pin ENABLE TRIGGER never;
    INSERT INTO note VALUES (1, 1), (2, 2), (3, 3), (4, NULL), (5, 5);
    INSERT INTO wish VALUES ('c1', 'a'), ('c30', 'b'), ('c30', 'b'), ('c30', 'c'), (NULL, 'd');
    INSERT INTO "Own.ed" VALUES (3, 'b3', 1), (13, 'b13', 11), (4, 'b4', 12), (NULL, NULL, 13);
    INSERT INTO praise VALUES (1, 31), (2, 3), (3, 1)`);
});

describe('kept rows whose parent goes', () => {
  it('end a merge that has no policy for them; the plan says what it would do with one', async () => {
    const error = await failsAndChangesNothing(bench.target, () => merge());
    expect(error).toMatchObject({ code: 'TARGET_KEPT_TABLE' });
    expect(error.message).toContain(
      '2 row(s) of public.pin, which are kept, refer to 2 row(s) of public.part',
    );
    expect(error.hint).toContain('--orphans');
    const unknown = { 'foreign key pin_prat_fkey on public.pin': 'delete' } as const;
    expect(await failsAndChangesNothing(bench.target, () => merge({ orphans: unknown }))).toMatchObject({
      code: 'USAGE_INVALID',
      message: expect.stringContaining('Did you mean "foreign key pin_part_fkey on public.pin"?') as string,
    });
    const notNull = { ...orphans, 'foreign key pin_part_fkey on public.pin': 'setNull' } as const;
    expect(await failsAndChangesNothing(bench.target, () => merge({ orphans: notNull }))).toMatchObject({
      code: 'USAGE_INVALID',
      message: expect.stringContaining('part is NOT NULL') as string,
    });
    const elsewhere = bench.sync('replace', { orphans });
    expect(await failure(elsewhere)).toMatchObject({ code: 'USAGE_INVALID' });
    const plan = await planSync(
      { config: bench.config, now: Date.now },
      { source: 'src', target: 'dst', mode: 'merge', orphans },
      { signal: new AbortController().signal },
    );
    expect(plan.blockers).toEqual([]);
    expect(plan.warnings.join('\n')).toContain('2 rows of public.pin will be deleted');
    expect(plan.warnings.join('\n')).toContain('3 rows of public.wish will have code set to NULL');
    expect(plan.warnings.join('\n')).toContain('2 rows of public.part will stay');
  });

  it('are kept with it, set to NULL or deleted, as the policy of their foreign key says, and all comes back', async () => {
    const before = await everything();
    const receipt = await merge({ orphans });
    expect(await everything()).toMatchObject({
      // 3 is of the maker that goes, and has praise; 31 has praise.
      makers: [{ id: 1 }, { id: 2 }, { id: 3 }, { id: 4 }],
      spots: expect.not.arrayContaining([expect.objectContaining({ a: 3 })]) as unknown,
      // 2 and 5 went with their parts, and what they had below them follows.
      pins: [
        { id: 1, part: 1, above: null },
        { id: 3, part: 2, above: null },
        { id: 4, part: 4, above: 1 },
      ],
      notes: [{ id: 1 }, { id: 3 }, { id: 4 }],
      wishes: [
        { code: 'c1', says: 'a' },
        { code: null, says: 'b' },
        { code: null, says: 'b' },
        { code: null, says: 'c' },
        { code: null, says: 'd' },
      ],
      owned: [
        { id: 1, a: null, b: null },
        { id: 11, a: null, b: null },
        { id: 12, a: 4, b: 'b4' },
        { id: 13, a: null },
      ],
      praise: [{ part: 31 }, { part: 3 }, { part: 1 }],
    });
    const parts = receipt.tables.find(({ table }) => table === 'public.part');
    expect(parts).toMatchObject({ stays: 2, rows: 74, changed: { deleted: 26 } });
    expect(receipt.warnings.join('\n')).toMatch(
      /2 rows of public\.part that the source does not have stayed/,
    );
    expect(receipt.warnings.join('\n')).toMatch(
      /1 row of public\.maker that the source does not have stayed/,
    );
    expect(receipt.warnings.join('\n')).toMatch(/2 rows of public\.note deleted/);
    expect(receipt.warnings.join('\n')).toMatch(/1 row of public\.pin had above set to NULL/);
    await bench.target.query('SET CONSTRAINTS ALL IMMEDIATE');
    // Nothing more to do, and nothing more is done.
    const again = await merge({ orphans });
    expect(again.tables.flatMap(({ changed }) => Object.values(changed ?? {})).filter(Number)).toEqual([]);
    await bench.rollback(receipt.jobId);
    expect(await everything()).toEqual(before);
  });
});
