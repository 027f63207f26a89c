import { z } from 'zod';

/** Field types of Typesense that a configuration may name (facts: field types of 0.24 and later). */
const fieldType = z.enum([
  'string',
  'string[]',
  'int32',
  'int32[]',
  'int64',
  'int64[]',
  'float',
  'float[]',
  'bool',
  'bool[]',
  'geopoint',
  'object',
  'object[]',
]);

const fieldSchema = z.strictObject({
  name: z.string().min(1),
  type: fieldType,
  facet: z.boolean().optional(),
  optional: z.boolean().optional(),
  index: z.boolean().optional(),
  sort: z.boolean().optional(),
  infix: z.boolean().optional(),
  locale: z.string().optional(),
});

/**
 * A search collection: a query that yields one `document` (json or jsonb, with a string `id`) per row, and the fields
 * Typesense indexes. `{schema}` in the query is replaced by the environment's quoted schema name.
 */
export const collectionConfigSchema = z.strictObject({
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
});

export type CollectionConfig = Readonly<z.infer<typeof collectionConfigSchema>>;
