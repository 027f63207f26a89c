import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { withInterrupt } from './interrupt.ts';

it('takes signals within a second for one, and leaves at the next', async () => {
  let now = 5_000;
  let listener = (): void => {};
  const exits: number[] = [];
  const stderr = new PassThrough();
  const io = {
    env: {},
    cwd: '/',
    argv: [],
    stdout: new PassThrough(),
    stderr,
    stdin: new PassThrough(),
    now: () => now,
    exit: (code: number): never => {
      exits.push(code);
      throw new Error('left');
    },
    onInterrupt: (on: () => void) => {
      listener = on;
      return () => {};
    },
  };
  await withInterrupt({ io, options: {} }, { first: 'Cancelling', second: 'Left' }, async (signal) => {
    listener();
    for (const later of [0, 5, 400, 999]) {
      now = 5_000 + later;
      listener();
    }
    expect([signal.aborted, exits]).toEqual([true, []]);
    now = 6_000;
    expect(listener).toThrow('left');
    await Promise.resolve();
  });
  expect(exits).toEqual([130]);
  expect(String(stderr.read()).match(/Cancelling/g)).toHaveLength(1);
});
