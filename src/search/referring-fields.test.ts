import { expect, test } from 'vitest';
import { referencesIn } from './referring-fields.ts';

const field = (name: string, reference?: string) => ({
  name,
  ...(reference === undefined ? {} : { reference }),
});

test('fields that refer to an alias of ours, or to what stands behind it, are found by name', () => {
  const built = 'parts__20261122130500_ab12cd34_5f0c77aa';
  const collections = [
    { name: 'offers', fields: [field('part_id', 'parts.id'), field('name'), field('maker', 'makers.id')] },
    { name: 'prices', fields: [field('part', `${built}.id`)] },
    { name: 'words', fields: [field('x', 'parts_of_speech.id')] },
    { name: built, fields: [field('component', 'components.id')] },
    { name: 'bare' },
  ];
  expect(referencesIn(collections, ['parts', 'components'])).toEqual([
    { field: 'offers.part_id', alias: 'parts' },
    { field: 'prices.part', alias: 'parts' },
  ]);
});
