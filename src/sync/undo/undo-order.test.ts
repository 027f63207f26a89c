import { describe, expect, test } from 'vitest';
import { SyncError } from '../../errors/sync-error.ts';
import { refuseOvertaken, undoOrder } from './undo-order.ts';

type Known = Parameters<typeof undoOrder>[0];

/** `c<a` is an undo of a by c; jobs in order of time. */
function jobs(words: string): readonly Known[] {
  const names = words.split(' ');
  return names.map((word, index): Known => {
    const [id = ''] = word.split('<');
    const undo = names.find((other) => other.split('<')[1] === id);
    const failed = id.startsWith('f');
    const receipt = { type: 'receipt', target: id.startsWith('z') ? 'other' : 'dst' } as Known['receipt'];
    return {
      id,
      kind: word.includes('<') ? 'rollback' : 'sync',
      target: id.startsWith('z') ? 'other' : 'dst',
      startedAt: index * 10,
      finishedAt: index * 10 + 5,
      receipt: failed ? null : receipt,
      undoneBy: undo?.split('<')[0] ?? null,
    };
  });
}

describe('the order of undos', () => {
  test.each([
    ['the newest job', 'a', 'a', []],
    ['one with later jobs', 'a b c', 'a', ['b', 'c']],
    ['later ones that failed, or are of another target', 'a f1 z1', 'a', []],
    ['a later one that was undone', 'a b u<b', 'a', []],
    ['a later one whose undo was undone', 'a b u<b v<u', 'a', ['b']],
    ['undone thrice: it does not count', 'a b u<b v<u w<v', 'a', []],
    ['an older one that was undone after it', 'o a u<o', 'a', ['u']],
    ['an undo, with a sync after it', 'a u<a b', 'u', ['b']],
    ['the undo of an undo', 'a u<a v<u', 'u', []],
    ['an undone one: its own undo does not overtake it', 'a u<a', 'a', []],
  ])('%s', (_what, words, id, expected) => {
    const all = jobs(words);
    const job = all.find((one) => one.id === id);
    if (job === undefined) throw new Error('no such job');
    expect(undoOrder(job, all).overtakenBy).toEqual(expected);
  });

  test('is refused with the later jobs, newest first, unless it is asked for', () => {
    const [job, ...rest] = jobs('a b c');
    if (job === undefined) throw new Error('no job');
    const order = undoOrder(job, [job, ...rest]);
    expect(() => {
      refuseOvertaken(job, order, false);
    }).toThrow(SyncError);
    expect(() => {
      refuseOvertaken(job, order, false);
    }).toThrow(/c, b\. Nothing was undone/);
    refuseOvertaken(job, order, true);
  });
});
