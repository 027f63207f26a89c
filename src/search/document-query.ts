import { quoteIdentifier, quoteLiteral } from '../postgres/identifiers.ts';
import { sqlFile } from '../lib/sql-file.ts';
import { hashField } from './collection-config.ts';
import type { CollectionConfig, CollectionField } from './collection-config.ts';

const readDocuments = sqlFile(import.meta.url, './read-documents.sql');

/**
 * Values that Typesense takes and then indexes wrongly (docs/facts/typesense.md#values), as ends of a JSON path: it
 * checks neither range nor every element.
 */
const whole32 = ['[*] ? (@ < -2147483648 || @ > 2147483647)'];
const whole64 = ['[*] ? (@ < -9223372036854775808 || @ > 9223372036854775807)'];
const single = ['[*] ? (@ < -3.4028234663852886e38 || @ > 3.4028234663852886e38)'];
const place = (pair: string): readonly string[] => [
  `${pair}[*] ? (@.type() != "number")`,
  `${pair}[0] ? (@ < -90 || @ > 90)`,
  `${pair}[1] ? (@ < -180 || @ > 180)`,
];
const misfits: Readonly<Partial<Record<CollectionField['type'], readonly string[]>>> = {
  int32: whole32,
  'int32[]': whole32,
  int64: whole64,
  'int64[]': whole64,
  float: single,
  'float[]': single,
  geopoint: place(''),
  'geopoint[]': place('[*]'),
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
  const cases = fields.flatMap(({ name, type }) =>
    (misfits[type] ?? []).map((end) => {
      // Lax paths step into arrays by themselves, so one path serves scalars, arrays and arrays of objects.
      const path = `$.${name
        .split('.')
        .map((key) => JSON.stringify(key))
        .join('.')}${end}`;
      return `WHEN pg_catalog.jsonb_path_exists(s.document, ${quoteLiteral(path)}) THEN ${quoteLiteral(name)}`;
    }),
  );
  const own = `WHEN pg_catalog.jsonb_exists(s.document, ${quoteLiteral(hashField)}) THEN ${quoteLiteral(hashField)}`;
  return `CASE ${[...cases, own].join(' ')} END`;
}
