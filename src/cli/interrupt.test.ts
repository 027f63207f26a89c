import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { withInterrupt } from './interrupt.ts';

/** A command line whose clock and signals are the test's. */
function stage() {
  const exits: number[] = [];
  const stderr = new PassThrough();
  const clock = { now: 5_000 };
  const ignored = 'nobody listens: the process ends by the signal';
  let listener: (() => void) | null = null;
  const io = {
    env: {},
    cwd: '/',
    argv: [],
    stdout: new PassThrough(),
    stderr,
    stdin: new PassThrough(),
    now: () => clock.now,
    exit: (code: number): never => {
      exits.push(code);
      throw new Error('left');
    },
    onInterrupt: (on: () => void) => {
      listener = on;
      return () => {
        listener = null;
      };
    },
  };
  const signal = (): void => {
    if (listener === null) throw new Error(ignored);
    listener();
  };
  return { io, stderr, exits, clock, signal, ignored };
}

const sentences = { first: 'Cancelling', second: 'Left' };

it('takes signals within a second for one, and leaves at the next', async () => {
  const { io, stderr, exits, clock, signal } = stage();
  await withInterrupt({ io, options: {} }, sentences, async (stopping) => {
    signal();
    for (const later of [0, 5, 400, 999]) {
      clock.now = 5_000 + later;
      signal();
    }
    expect([stopping.aborted, exits]).toEqual([true, []]);
    clock.now = 6_000;
    expect(signal).toThrow('left');
    await Promise.resolve();
  });
  expect(exits).toEqual([130]);
  expect(String(stderr.read()).match(/Cancelling/g)).toHaveLength(1);
});

it('does not let the repetition of a signal end the process before the result is told', async () => {
  const { io, stderr, exits, clock, signal } = stage();
  await withInterrupt({ io, options: {} }, sentences, async () => signal());
  clock.now = 5_900;
  signal();
  expect(exits).toEqual([]);
  clock.now = 6_100;
  expect(signal).toThrow('left');
  expect(exits).toEqual([130]);
  // The result is told by then: it is not taken back.
  expect(String(stderr.read())).not.toContain('Left');
});

it('leaves a signal after work that nobody stopped to the system', async () => {
  const { io, signal, ignored } = stage();
  await withInterrupt({ io, options: {} }, sentences, async () => {});
  expect(signal).toThrow(ignored);
});
