import { z } from 'zod';

/** Holds the hash of each document, for the comparison with the database; added to every collection by the build. */
export const hashField = '_h';

/** Field types of Typesense (docs/facts/typesense.md#fields); a server says which of them it does not know. */
const fieldTypes = [
  'string',
  'string[]',
  'string*',
  'int32',
  'int32[]',
  'int64',
  'int64[]',
  'float',
  'float[]',
  'bool',
  'bool[]',
  'geopoint',
  'geopoint[]',
  'geopolygon',
  'image',
  'object',
  'object[]',
  'auto',
] as const;
const fieldType = z.enum(fieldTypes);

/** They go to the server as they are, which says what it thinks of their values (create-collection.ts). */
const asWritten = z.unknown().optional();

const fieldSchema = z
  .strictObject({
    name: z.string().min(1),
    type: fieldType,
    facet: z.boolean().optional(),
    optional: z.boolean().optional(),
    index: z.boolean().optional(),
    sort: z.boolean().optional(),
    infix: z.boolean().optional(),
    locale: z.string().optional(),
    num_dim: z.int().min(1).optional(),
    vec_dist: asWritten,
    reference: asWritten,
    async_reference: asWritten,
    cascade_delete: asWritten,
    embed: asWritten,
    store: asWritten,
    range_index: asWritten,
    stem: asWritten,
    stem_dictionary: asWritten,
    hnsw_params: asWritten,
    token_separators: asWritten,
    symbols_to_index: asWritten,
    truncate_len: asWritten,
    /** Keys of later versions. */
    extra: z.record(z.string(), z.unknown()).optional(),
  })
  .refine(({ name }) => name !== hashField && name !== 'id', {
    error: `"id" and "${hashField}" are added by the build and cannot be declared`,
  })
  .refine(({ index, optional }) => index !== false || optional === true, {
    error: 'a field with index: false must be optional: true (Typesense before 26 refuses it otherwise)',
  });

/**
 * A search collection: a query that yields one `document` (json or jsonb object, with a string `id`) per row, and the
 * fields Typesense indexes. In the query `{schema}` stands for the environment's quoted schema name; other names must
 * be qualified, since the session's search_path is empty. Keys that are no field are stored but not indexed; keys
 * whose value is null are left out of the document.
 */
export const collectionConfigSchema = z
  .strictObject({
    /** The alias the application searches. */
    name: z.string().regex(/^[a-z0-9_]+$/, 'use a-z, 0-9 and _ only'),
    query: z.string().min(1),
    fields: z.array(fieldSchema).min(1),
    defaultSortingField: z.string().optional(),
    enableNestedFields: z.boolean().optional(),
    tokenSeparators: z.array(z.string().length(1)).optional(),
    symbolsToIndex: z.array(z.string().length(1)).optional(),
    /** Accept a query that returns nothing; false unless said. */
    allowEmpty: z.boolean().optional(),
    /** By how many percent of its documents a rebuild may shrink a collection of 100 and more; 50 unless said. */
    maxShrink: z.int('must be a whole number from 0 to 100').min(0).max(100).optional(),
  })
  .refine(({ fields }) => new Set(fields.map(({ name }) => name)).size === fields.length, {
    error: 'two fields have the same name',
    path: ['fields'],
  })
  .refine(
    ({ defaultSortingField: name, fields }) =>
      name === undefined || fields.some((field) => field.name === name && field.optional !== true),
    { error: 'must name a field that is not optional', path: ['defaultSortingField'] },
  );

export type CollectionConfig = Readonly<z.infer<typeof collectionConfigSchema>>;
export type CollectionField = CollectionConfig['fields'][number];
