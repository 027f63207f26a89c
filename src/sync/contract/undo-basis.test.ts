import { expect, test } from 'vitest';
import { modeNames } from '../../plan/modes.ts';
import type { DumpReceipt } from './receipts.ts';
import { undoBasis } from './undo-basis.ts';

const backup = { dumpId: 'copy' } as DumpReceipt;

test.each(modeNames)('%s: an undo goes back by what its mode leaves, and by nothing else', (mode) => {
  const full = { mode, keptDatabase: 'old', backup, undoSchema: 'kept' };
  const { by } = undoBasis(full);
  // A merge that has changed no row may have rebuilt the search.
  const without = {
    'kept database': [{ ...full, keptDatabase: null }, 'nothing'],
    'safety copy': [{ ...full, backup: null }, 'nothing'],
    'kept schemas': [{ ...full, undoSchema: null }, 'nothing'],
    'kept rows': [{ ...full, undoSchema: null }, 'search'],
  } as const;
  if (by === 'search' || by === 'nothing') throw new Error(`${mode} leaves nothing`);
  const [receipt, left] = without[by];
  expect(undoBasis(receipt)).toEqual({ by: left });
});

test('a rebuild of the search is undone in the search alone', () => {
  expect(undoBasis({ mode: null, keptDatabase: null, backup: null })).toEqual({ by: 'search' });
});
