import { expect, it } from 'vitest';
import { extensionsNamed } from './target-rights.ts';

it('names the extensions that objects are, or that their state is told by, each once', () => {
  const wanted = { extension: 'pg_trgm', version: '1.6', text: '' };
  const member = { identity: 'function similarity(text, text)', aspect: 'state', wanted } as const;
  expect(
    extensionsNamed(
      [
        { kind: 'extension', name: 'citext', facts: {} },
        { kind: 'table', name: 'hstore', facts: {} },
      ],
      [
        { kind: 'extension member', name: 'similarity', facts: { member } },
        { kind: 'extension', name: 'citext', facts: {} },
      ],
    ),
  ).toEqual(['citext', 'pg_trgm']);
  expect(extensionsNamed([], [])).toEqual([]);
});
