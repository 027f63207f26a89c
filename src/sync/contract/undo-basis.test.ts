import { expect, test } from 'vitest';
import { modeNames } from '../../plan/modes.ts';
import type { DumpReceipt } from './receipts.ts';
import { undoBasis } from './undo-basis.ts';

const backup = { dumpId: 'copy' } as DumpReceipt;

test.each(modeNames)('%s: an undo goes back by what its mode leaves, and by nothing else', (mode) => {
  const all = undoBasis({ mode, keptDatabase: 'old', backup });
  expect(['kept database', 'safety copy']).toContain(all.by);
  const without =
    all.by === 'kept database'
      ? { mode, keptDatabase: null, backup }
      : { mode, keptDatabase: 'old', backup: null };
  expect(undoBasis(without)).toEqual({ by: 'nothing' });
});

test('a rebuild of the search is undone in the search alone', () => {
  expect(undoBasis({ mode: null, keptDatabase: null, backup: null })).toEqual({ by: 'search' });
});
