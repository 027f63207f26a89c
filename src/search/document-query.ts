import { quoteIdentifier, quoteLiteral } from '../postgres/identifiers.ts';
import { sqlFile } from '../lib/sql-file.ts';
import type { CollectionConfig, CollectionField } from './collection-config.ts';

const readDocuments = sqlFile(import.meta.url, './read-documents.sql');

/**
 * Values that Typesense takes and then indexes wrongly (docs/facts/typesense.md#values): it checks neither range nor
 * every element.
 */
const misfitFilters: Readonly<Partial<Record<CollectionField['type'], string>>> = {
  int32: '@ < -2147483648 || @ > 2147483647',
  'int32[]': '@ < -2147483648 || @ > 2147483647',
  int64: '@ < -9223372036854775808 || @ > 9223372036854775807',
  'int64[]': '@ < -9223372036854775808 || @ > 9223372036854775807',
  geopoint: '@.type() != "number"',
};

/** The configured query with the schema's quoted name in place of `{schema}`. */
export function collectionQuery(query: string, schema: string): string {
  return query
    .replaceAll('{schema}', () => quoteIdentifier(schema))
    .trim()
    .replace(/;+$/, '');
}

/** The statement that reads a collection's documents: columns id, hash, misfit, document. */
export function documentQuery(collection: CollectionConfig, schema: string): string {
  const query = collectionQuery(collection.query, schema);
  return readDocuments
    .replace('{misfit}', () => misfitExpression(collection.fields))
    .replace('{query}', () => query);
}

/** `COPY` of it: the rows stream out without a cursor, as text. */
export function copyDocuments(collection: CollectionConfig, schema: string): string {
  return `COPY (\n${documentQuery(collection, schema)}\n) TO STDOUT`;
}

function misfitExpression(fields: readonly CollectionField[]): string {
  const cases = fields.flatMap(({ name, type }) => {
    const filter = misfitFilters[type];
    if (filter === undefined) return [];
    // Lax paths step into arrays by themselves, so one path serves scalars, arrays and arrays of objects.
    const path = `$.${name
      .split('.')
      .map((key) => JSON.stringify(key))
      .join('.')}[*] ? (${filter})`;
    return [
      `WHEN pg_catalog.jsonb_path_exists(s.document, ${quoteLiteral(path)}) THEN ${quoteLiteral(name)}`,
    ];
  });
  return cases.length === 0 ? 'NULL::text' : `CASE ${cases.join(' ')} END`;
}
