import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { modeNames } from '../../src/plan/modes.ts';
import { filesOf, root } from '../docs/texts.ts';

/** It chooses one of them, and says why. */
const chooses = 'src/sync/check/choose-mode.ts';

test('what a mode decides hangs on a trait of it, so that a new mode is asked for each', () => {
  // A step and a line of the journal are called as one of them.
  const comparison = new RegExp(`(?<!\\b(?:entry|id) )(?:[=!]==|case) '(?:${modeNames.join('|')})'`);
  const comparing = filesOf().filter(
    (file) =>
      /^(?:src|web)\/.*\.[jt]s$/.test(file) &&
      !file.endsWith('.test.ts') &&
      comparison.test(readFileSync(join(root, file), 'utf8')),
  );
  expect(comparing.filter((file) => !file.startsWith('src/sql-lexer/'))).toEqual([chooses]);
});
