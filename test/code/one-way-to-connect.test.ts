import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { filesOf, root } from '../docs/texts.ts';

test('src/sync opens databases in one place, so that each has a side, an access and the name of its run', () => {
  const opening = filesOf().filter(
    (file) => file.startsWith('src/sync/') && /\bnew Database\(/.test(readFileSync(join(root, file), 'utf8')),
  );
  expect(opening).toEqual(['src/sync/ends/connect.ts']);
});
