import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { collectionBlock } from './collection-block.ts';
import type { DerivedColumn } from './column-value.ts';
import { deriveCollection } from './derive-collection.ts';

const column = (name: string, type: string, more: Partial<DerivedColumn> = {}): DerivedColumn => ({
  name,
  type,
  typeSchema: 'pg_catalog',
  kind: 'b',
  isArray: false,
  required: true,
  modifier: -1,
  key: null,
  ...more,
});

it('writes the block that the documentation shows', () => {
  const columns = [
    column('film_id', 'int4', { key: 1 }),
    column('title', 'varchar'),
    column('rental_rate', 'numeric'),
    column('rating', 'mpaa_rating', { kind: 'e', required: false }),
    column('last_update', 'timestamptz'),
  ];
  const derived = deriveCollection({ schema: 'public', name: 'film', columns }, 'public');
  const page = readFileSync(new URL('../../../docs/search.md', import.meta.url), 'utf8');
  const [, shown] = /```yaml\n([^]*?)```/.exec(page) ?? [];
  expect(derived === null ? null : collectionBlock(derived)).toBe(shown);
});

it('has room for any number of columns, and for odd names', () => {
  const columns = [
    column('id', 'int4', { key: 1 }),
    ...Array.from({ length: 120 }, (_, index) => column(`c${index}`, 'text')),
  ];
  const { query = '', name } =
    deriveCollection({ schema: 'o"dd', name: '1Ä Tafel', columns }, 'public') ?? {};
  expect(query.match(/jsonb_build_object/g)).toHaveLength(3);
  expect(query).toContain('FROM "o""dd"."1Ä Tafel" AS t');
  expect(name).toMatch(/^[a-z0-9_]+$/);
});
