import { sqlFile } from '../../lib/sql-file.ts';
import { quoteIdentifier, quoteLiteral } from '../../postgres/identifiers.ts';

export interface CatalogueInput {
  /** `production` is staging some weeks ago, with people's own rows and some columns in another order. */
  readonly variant: 'staging' | 'production';
  /** About this many rows in `Part` and five times as many in `_AttributeValueToPart`; at least 100. */
  readonly parts: number;
  /** Created when missing; `public` when not said. */
  readonly schema?: string | undefined;
}

/** One session that runs several statements of one text in one transaction: a `Session`, or a client of `pg`. */
export interface SqlRunner {
  query(text: string): Promise<unknown>;
}

const steps = (variant: CatalogueInput['variant']): readonly string[] => [
  typesAndTables,
  rows,
  people[variant],
  awkwardRows,
  keysAndIndexes,
  programs,
];

const typesAndTables = sqlFile(import.meta.url, './1-types-and-tables.sql');
const people = {
  staging: sqlFile(import.meta.url, './3-people-staging.sql'),
  production: sqlFile(import.meta.url, './3-people-production.sql'),
};
const rows = sqlFile(import.meta.url, './2-rows.sql');
const awkwardRows = sqlFile(import.meta.url, './4-awkward-rows.sql');
const keysAndIndexes = sqlFile(import.meta.url, './5-keys-and-indexes.sql');
const programs = sqlFile(import.meta.url, './6-programs.sql');

/**
 * Fills a database with a Multiboard catalogue: every table of the real one, every kind of object we carry, and the
 * values that broke earlier attempts. The same input makes the same rows on every server. The server makes them, so
 * nothing but the statements passes through here, whatever the size. The role must be allowed to create a role.
 */
export async function createCatalogue(session: SqlRunner, input: CatalogueInput): Promise<void> {
  const schema = input.schema ?? 'public';
  const settings = [
    `SET LOCAL search_path TO ${quoteIdentifier(schema)}, pg_catalog`,
    'SET LOCAL client_min_messages TO warning',
    'SET LOCAL TimeZone TO UTC',
    "SET LOCAL maintenance_work_mem TO '128MB'",
    'SET LOCAL standard_conforming_strings TO on',
    `SET LOCAL multiboard.parts TO ${Math.max(100, Math.trunc(input.parts))}`,
    `SET LOCAL multiboard.variant TO ${quoteLiteral(input.variant)}`,
  ].join(';\n');
  if (schema !== 'public') await session.query(`CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(schema)}`);
  for (const step of steps(input.variant)) await session.query(`${settings};\n${step}`);
}
