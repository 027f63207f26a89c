import { describe, expect, it } from 'vitest';
import type { JobView } from '../../../src/jobs/job-view.ts';
import { receiptOf, syncTo } from '../queue-harness.ts';
import type { History, Outcome, Run } from './history.ts';
import { judge } from './judge.ts';
import { createWitness } from './witness.ts';

const run = (
  name: string,
  job: string,
  beganUs: number,
  endUs: number | null,
  more: Partial<Run> = {},
): Run => ({
  run: name,
  process: name.split('-')[0] ?? '',
  job,
  target: 'a',
  beganUs,
  beganAtMs: beganUs,
  end: endUs === null ? null : { result: 'done', us: endUs },
  ...more,
});

const done = (by: string, at: number): Outcome => ({
  state: 'done',
  run: by,
  code: null,
  finishedAtMs: at,
  seenUs: at + 1,
});

const cancelled: Outcome = { state: 'cancelled', run: null, code: 'CANCELLED', finishedAtMs: 90, seenUs: 91 };

/** Two jobs of a target, the first run twice because worker w1 was killed. */
const good = {
  asked: [
    { job: 'first', target: 'a' },
    { job: 'second', target: 'a' },
  ],
  runs: [run('w1-1', 'first', 10, null), run('w2-1', 'first', 30, 40), run('w2-2', 'second', 50, 60)],
  deathsUs: new Map([['w1', 20]]),
  outcomes: new Map([
    ['first', done('w2-1', 40)],
    ['second', done('w2-2', 60)],
  ]),
  contradictions: [],
} satisfies History;

const rulesBroken = (changed: Partial<History>): string[] => [
  ...new Set(judge({ ...good, ...changed }).map(({ rule }) => rule)),
];

const [killed, again, second] = good.runs as [Run, Run, Run];
const withOutcome = (job: string, outcome: Outcome): History['outcomes'] =>
  new Map([...good.outcomes, [job, outcome]]);

describe('what judges the stress of the queue', () => {
  it('finds nothing where all went well', () => {
    expect(rulesBroken({})).toEqual([]);
    // Cancelled before it ran, and while it ran.
    expect(rulesBroken({ runs: [killed, again], outcomes: withOutcome('second', cancelled) })).toEqual([]);
    const stopped = { ...second, end: { result: 'aborted', us: 60 } } as const;
    expect(
      rulesBroken({ runs: [killed, again, stopped], outcomes: withOutcome('second', cancelled) }),
    ).toEqual([]);
    const lost: Outcome = { ...cancelled, state: 'failed', code: 'JOB_WORKER_LOST' };
    expect(rulesBroken({ runs: [killed, second], outcomes: withOutcome('first', lost) })).toEqual([]);
  });

  it.each<[string, Partial<History>]>([
    ['one outcome', { outcomes: new Map([['first', done('w2-1', 40)]]) }],
    ['a final state stays', { contradictions: ['first: done, then running (looks)'] }],
    ['the outcome is the last run’s', { outcomes: withOutcome('first', done('w1-1', 40)) }],
    ['the outcome is the last run’s', { outcomes: withOutcome('second', cancelled) }],
    [
      'the outcome is the last run’s',
      { outcomes: withOutcome('second', { ...done('w2-2', 60), state: 'failed' }) },
    ],
    ['the outcome is the last run’s', { runs: [killed, again] }],
    [
      'no run after the outcome',
      { outcomes: withOutcome('second', { ...done('w2-2', 60), finishedAtMs: 49 }) },
    ],
    ['no run after the outcome', { outcomes: withOutcome('second', { ...done('w2-2', 60), seenUs: 49 }) }],
    [
      'a second run only where the first one’s process died',
      { runs: [run('w3-1', 'first', 10, 20), again, second] },
    ],
    ['one run of a target at a time', { runs: [killed, again, run('w2-2', 'second', 39, 60)] }],
    ['one run of a target at a time', { runs: [killed, again, second], deathsUs: new Map([['w1', 30.5]]) }],
    ['the order of asking', { runs: [run('w2-2', 'second', 5, 8), killed, again] }],
  ])('finds what breaks: %s (%#)', (rule, changed) => {
    expect(rulesBroken(changed)).toContain(rule);
  });
});

describe('who witnesses the states of jobs', () => {
  const view = (more: Partial<JobView>): JobView => ({
    id: 'job',
    kind: 'sync',
    state: 'queued',
    request: syncTo('a'),
    source: 'staging',
    target: 'a',
    actor: null,
    trigger: null,
    progress: null,
    receipt: null,
    error: null,
    shortened: false,
    createdAt: 1,
    startedAt: null,
    finishedAt: null,
    attempts: 0,
    retryOf: null,
    ...more,
  });
  const ended = view({ state: 'done', finishedAt: 9, receipt: { ...receiptOf('job'), warnings: ['w1-1'] } });

  it('notes the first end with its run, and nothing of a life that goes forward', () => {
    const witness = createWitness();
    for (const job of [view({}), view({ state: 'running' }), view({ state: 'cancelling' }), ended, ended])
      witness.see('looks', job);
    // Another observer may be later.
    witness.see('events', view({ state: 'running' }));
    expect(witness.contradictions).toEqual([]);
    expect(witness.outcomes.get('job')).toMatchObject({ state: 'done', run: 'w1-1', finishedAtMs: 9 });
  });

  it.each<[string, JobView, JobView]>([
    ['an end that is undone', ended, view({ state: 'running' })],
    ['another end', ended, view({ state: 'cancelled', finishedAt: 9 })],
    ['the same end at another moment', ended, { ...ended, finishedAt: 10 }],
    ['the same end by another run', ended, { ...ended, receipt: receiptOf('job') }],
    ['a run that is forgotten', view({ state: 'running' }), view({})],
  ])('contradicts %s', (_what, before, after) => {
    const witness = createWitness();
    witness.see('looks', before);
    witness.see('looks', after);
    expect(witness.contradictions).toHaveLength(1);
  });
});
