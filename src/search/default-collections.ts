import { sqlFile } from '../lib/sql-file.ts';
import type { CollectionConfig } from './collection-config.ts';

/**
 * What is indexed of a Multiboard catalogue when the configuration names no collections. A database without these
 * tables gets SEARCH_QUERY_FAILED naming the first one missing: configure other collections for it, or leave the
 * search out. `parts` is last: its documents repeat what the others hold, and aliases move in this order.
 */
export const defaultCollections: readonly CollectionConfig[] = [
  {
    name: 'components',
    query: sqlFile(import.meta.url, './default-components.sql'),
    fields: [
      { name: 'name', type: 'string' },
      { name: 'slug', type: 'string', optional: true },
      { name: 'description', type: 'string', optional: true },
      { name: 'status', type: 'string', optional: true, facet: true },
      { name: 'categories', type: 'string[]', optional: true, facet: true },
      { name: 'tags', type: 'string[]', optional: true, facet: true },
      { name: 'parts', type: 'int32' },
      { name: 'updatedAt', type: 'int64', optional: true },
    ],
  },
  {
    name: 'attributes',
    query: sqlFile(import.meta.url, './default-attributes.sql'),
    fields: [
      { name: 'name', type: 'string' },
      { name: 'kind', type: 'string', optional: true, facet: true },
      { name: 'description', type: 'string', optional: true },
      { name: 'values', type: 'string[]', optional: true },
      { name: 'subAttributes', type: 'string[]', optional: true },
    ],
  },
  {
    name: 'parts',
    query: sqlFile(import.meta.url, './default-parts.sql'),
    fields: [
      { name: 'name', type: 'string' },
      { name: 'slug', type: 'string', optional: true },
      { name: 'description', type: 'string', optional: true },
      { name: 'status', type: 'string', optional: true, facet: true },
      { name: 'material', type: 'string', optional: true, facet: true },
      { name: 'componentId', type: 'string', optional: true, facet: true },
      { name: 'component', type: 'string', optional: true, facet: true },
      { name: 'categories', type: 'string[]', optional: true, facet: true },
      { name: 'tags', type: 'string[]', optional: true, facet: true },
      { name: 'attributes', type: 'string[]', optional: true, facet: true },
      { name: 'attributeValues', type: 'string[]', optional: true },
      { name: 'price', type: 'float', optional: true },
      { name: 'downloads', type: 'int64', optional: true },
      { name: 'updatedAt', type: 'int64', optional: true },
    ],
  },
];
