import { expect, test } from 'vitest';
import type { StepId } from '../../src/progress/progress.ts';
import { leftovers, oldOrNew } from '../harness/aftermath.ts';
import { command, jobOf, syncArguments } from '../harness/command.ts';
import { modes } from '../harness/environment-pair.ts';
import { benchOf, mergeModels, multiboardModels } from '../harness/models.ts';
import type { Models } from '../harness/models.ts';

const steps: readonly StepId[] = [
  'recover',
  'check',
  'export',
  'backup',
  'readback',
  'prepare',
  'load',
  'build',
  'verify',
  'keep',
  'switch',
];

/** What test/faults tries for each thing that is left, here for every step, one run after the other. */
test.each(modes)(
  'kill -9 in every step of %s: the target is old and open, and the next run needs no help',
  async (mode) => {
    const bench = await benchOf(await multiboardModels(), { env: { SYNC_PRESET: 'multiboard' } });
    for (const step of steps) {
      const run = await command(bench, syncArguments(mode), { fault: { step } });
      expect([step, run.code, run.result['type']]).toEqual([step, null, 'progress']);
      expect([step, await oldOrNew(bench)]).toEqual([step, 'old']);
    }
    expect(await command(bench, syncArguments(mode))).toMatchObject({ code: 0, result: { ok: true } });
    expect(await oldOrNew(bench)).toBe('new');
    expect(await leftovers(bench)).toEqual([]);
  },
);

/** How many moments of each; the seed is told, so that a run can be repeated. */
const kills = Number(process.env['KILLS'] ?? 100);
const seed = Number(process.env['KILLS_SEED'] ?? Date.now() % 100_000);

/** Numbers from 0 to 1 (mulberry32, public domain). */
function randoms(from: number): () => number {
  let state = from;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const multiboard = { SYNC_PRESET: 'multiboard' };
const schemas = { SRC_DATABASE_SCHEMAS: 'public', DST_DATABASE_SCHEMAS: 'public' };

test.each<[string, string, () => Promise<Models>, Record<string, string>]>([
  ['replace', 'replace', multiboardModels, multiboard],
  ['in place', 'in-place', multiboardModels, multiboard],
  ['in place, beside the live schema', 'in-place', multiboardModels, { ...multiboard, ...schemas }],
  ['merge', 'merge', mergeModels, {}],
])(
  'kill -9 at random moments of %s: old or new, and the next run needs no help',
  async (name, mode, make, env) => {
    const bench = await benchOf(await make(), { env });
    const started = Date.now();
    const whole = await command(bench, syncArguments(mode));
    const wholeMs = Date.now() - started;
    expect(whole).toMatchObject({ code: 0 });
    expect(await command(bench, ['rollback', jobOf(whole), '--confirm', 'dst'])).toMatchObject({ code: 0 });
    const random = randoms(seed);
    const ends = { old: 0, new: 0, done: 0 };
    for (let kill = 0; kill < kills; kill += 1) {
      const afterMs = Math.round(random() * wholeMs * 1.1);
      const run = await command(bench, syncArguments(mode), { fault: { afterMs } });
      const found = await oldOrNew(bench);
      ends[run.code === null ? found : 'done'] += 1;
      if (found === 'old') continue;
      // What a run that was killed behind its commit has made can be undone as well.
      const undone = await command(bench, ['rollback', jobOf(run), '--confirm', 'dst']);
      expect([kill, afterMs, undone.stderr, undone.code]).toEqual([kill, afterMs, undone.stderr, 0]);
      expect([kill, afterMs, await oldOrNew(bench)]).toEqual([kill, afterMs, 'old']);
    }
    expect(await command(bench, syncArguments(mode))).toMatchObject({ code: 0 });
    expect(await oldOrNew(bench)).toBe('new');
    expect(await leftovers(bench)).toEqual([]);
    console.log(`${name}: ${kills} kills (seed ${seed}): ${JSON.stringify(ends)}`);
  },
);
