import { beforeAll, describe, expect, test } from 'vitest';
import type { Config } from '../../../src/config/config.ts';
import type { ErrorReport } from '../../../src/errors/sync-error.ts';
import { errorReport } from '../../../src/errors/sync-error.ts';
import { stepTitles } from '../../../src/progress/progress.ts';
import type { JobEvent } from '../../../src/progress/progress.ts';
import { planSync } from '../../../src/sync/verbs/plan.ts';
import type { Plan } from '../../../src/sync/contract/plan.ts';
import type { SyncInput } from '../../../src/sync/contract/inputs.ts';
import { createBench, stateOf } from '../../harness/environment-pair.ts';
import type { Bench } from '../../harness/environment-pair.ts';
import { failure } from '../../harness/failure.ts';

/** Things that stand against a run; any of them together, and always the same ones in both. */
interface Obstacle {
  readonly name: string;
  readonly input?: Partial<SyncInput>;
  /** What would stay, come and go hangs on it. */
  readonly hides?: true;
  readonly change?: (config: Config) => Config;
}

const withPolicies =
  (policies: Config['tablePolicies']) =>
  (config: Config): Config => ({ ...config, tablePolicies: [...config.tablePolicies, ...policies] });

const obstacles: readonly Obstacle[] = [
  { name: 'no way back in place', input: { mode: 'in-place', backup: 'kept' } },
  { name: 'a search where there is none', input: { search: true } },
  {
    name: 'a source without the rows it must have',
    change: (config) => ({ ...config, mustHaveRows: ['part'] }),
  },
  {
    name: 'kept rows that lack a column',
    change: withPolicies([{ table: 'note', policy: 'preserve' }]),
  },
  {
    name: 'something left out that others need',
    hides: true,
    input: { leaveOut: ['function public.size(integer)'] },
  },
  {
    name: 'an excluded table that a view reads',
    hides: true,
    change: withPolicies([{ table: 'part', policy: 'exclude' }]),
  },
  { name: 'a role that is not there', input: { roles: { postgres: 'nobody_at_all' } } },
  { name: 'a target that can only be a source', change: protectedTarget },
];

function protectedTarget(config: Config): Config {
  const dst = config.environments.get('dst');
  if (dst === undefined) throw new Error('no dst');
  return {
    ...config,
    environments: new Map(config.environments).set('dst', { ...dst, protection: 'source-only' }),
  };
}

let bench: Bench;
let before: readonly unknown[];

beforeAll(async () => {
  bench = await createBench();
  await bench.source.query(`
    CREATE TABLE part (id int PRIMARY KEY);
    CREATE FUNCTION size(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1';
    CREATE VIEW sizes AS SELECT public.size(id) FROM part;
    CREATE TABLE note (id int PRIMARY KEY, text text NOT NULL);
    GRANT SELECT ON note TO PUBLIC;
  `);
  await bench.target.query(`
    CREATE TABLE note (id int PRIMARY KEY);
    INSERT INTO note VALUES (1);
    CREATE VIEW notes AS SELECT id FROM note;
  `);
  before = [await stateOf(bench.source), await stateOf(bench.target)];
});

function together(chosen: readonly Obstacle[]): {
  readonly input: Partial<SyncInput>;
  readonly config: Config;
} {
  const input: Partial<SyncInput> = Object.assign({}, ...chosen.map((one) => one.input ?? {}));
  const config = chosen.reduce((sum, { change }) => change?.(sum) ?? sum, bench.config);
  return { input, config };
}

async function planned(chosen: readonly Obstacle[]): Promise<Plan> {
  const { input, config } = together(chosen);
  return planSync(
    { config, now: Date.now },
    { source: 'src', target: 'dst', ...input },
    { signal: new AbortController().signal },
  );
}

async function synced(chosen: readonly Obstacle[]): Promise<ErrorReport> {
  const { input, config } = together(chosen);
  const own = { ...bench.config, ...config };
  const again = await createBench({
    source: bench.source,
    target: bench.target,
    change: (fresh) => ({ ...own, directories: fresh.directories }),
  });
  // A dump of a failed run is removed again, so that only the steps tell whether anything was read.
  const begun = new Set<string>();
  const onEvent = (event: JobEvent): void => {
    if (event.type !== 'progress') return;
    for (const { title, state } of event.progress.steps) if (state !== 'waiting') begun.add(title);
  };
  const report = errorReport(await failure(again.sync('replace', { mode: 'auto', ...input }, { onEvent })));
  for (const step of ['export', 'backup', 'prepare', 'load'] as const)
    expect(begun).not.toContain(stepTitles[step]);
  return report;
}

test('what an import is refused for stands under the step that checks', async () => {
  const { dump } = await bench.export();
  let last: readonly { readonly id: string; readonly state: string }[] = [];
  const onEvent = (event: JobEvent): void => {
    if (event.type === 'progress') last = event.progress.steps;
  };
  const input = { dump: { id: dump?.dumpId ?? '' }, target: 'dst', confirm: 'dst' } as const;
  const refused = { ...input, roles: { postgres: 'nobody_at_all' } };
  expect((await failure(bench.run({ kind: 'import', input: refused }, { onEvent }))).code).toBe(
    'TARGET_ROLE_MISSING',
  );
  expect(last.filter(({ state }) => state === 'failed').map(({ id }) => id)).toEqual(['check']);
});

test('what a run does not copy is no difference in its plan', async () => {
  const grant = 'privileges on table public.note';
  const namesOf = async (input: Partial<SyncInput>): Promise<readonly string[]> => {
    const plan = await planned([{ name: 'none', input }]);
    expect(plan.blockers).toEqual([]);
    return (plan.differences ?? []).map(({ name }) => name);
  };
  expect(await namesOf({})).toContain(grant);
  expect(await namesOf({ privileges: false })).not.toContain(grant);
  expect(await namesOf({ owners: false })).not.toContain(grant);
});

describe('sync makes the checks of the plan before it reads a row', () => {
  test.each(obstacles)('$name: the same fault, and nothing read or written', async (obstacle) => {
    const { blockers, differences, warnings } = await planned([obstacle]);
    expect(blockers).not.toEqual([]);
    // Where nobody can tell what stays, nothing is said to vanish; and nothing is told twice.
    expect(differences === null).toBe(obstacle.hides === true);
    if (obstacle.hides === true) expect(warnings.join()).not.toContain('will be gone');
    for (const list of [warnings, blockers.map(({ message }) => message)])
      expect(list).toEqual([...new Set(list)]);
    expect(await synced([obstacle])).toEqual(blockers[0]);
  });

  test('of many faults the plan shows all, and sync ends with the first', async () => {
    // Each ends the run by itself, and none hides another.
    const several = obstacles.filter(({ name }) =>
      [
        'no way back in place',
        'a search where there is none',
        'a source without the rows it must have',
      ].includes(name),
    );
    const all = (await planned(several)).blockers;
    for (const one of several) {
      const [own] = (await planned([one])).blockers;
      expect(all).toContainEqual(own);
    }
    expect(await synced(several)).toEqual(all[0]);
    expect([await stateOf(bench.source), await stateOf(bench.target)]).toEqual(before);
  });
});
