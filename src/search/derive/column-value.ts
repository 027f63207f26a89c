import { quoteIdentifier } from '../../postgres/identifiers.ts';

/** A column as a document is made of it (columns.sql). */
export interface DerivedColumn {
  readonly name: string;
  /** Of a domain the type below it, of an array that of its elements. */
  readonly type: string;
  readonly typeSchema: string;
  /** `typtype`: b, c, e, m or r. */
  readonly kind: string;
  readonly isArray: boolean;
  readonly required: boolean;
  readonly modifier: number;
  /** Position in the primary key. */
  readonly key: number | null;
}

/** What a column becomes in a document. */
export interface ColumnValue {
  /** SQL over the column. */
  readonly sql: string;
  /** Typesense's type; null where the value is stored and not searched. */
  readonly type: string | null;
  /** Whether a row may have none. */
  readonly optional: boolean;
  readonly facet?: true;
  /** Of a vector. */
  readonly dimensions?: number;
  /** To know. */
  readonly note?: string;
}

const whole: Readonly<Record<string, 'int32' | 'int64'>> = { int2: 'int32', int4: 'int32', int8: 'int64' };
const fractions = new Set(['float4', 'float8', 'numeric', 'money']);
const texts = new Set(['text', 'varchar', 'bpchar']);
const moments = new Set(['date', 'timestamp', 'timestamptz']);
const left = new Set(['bytea', 'tsvector', 'tsquery', 'refcursor', 'pg_snapshot', 'txid_snapshot']);

/** Null where a column has no place in a document. Pure. */
export function columnValue(column: DerivedColumn, row: string): ColumnValue | null {
  const { type, isArray, required } = column;
  const value = `${row}.${quoteIdentifier(column.name)}`;
  if (left.has(type)) return null;
  if (isArray) return arrayValue(column, value);
  const optional = !required;
  const number = whole[type];
  if (number !== undefined) return { sql: value, type: number, optional };
  if (type === 'bool') return { sql: value, type: 'bool', optional, facet: true };
  if (fractions.has(type)) return fraction(column, value);
  if (moments.has(type))
    return {
      // infinity has no seconds.
      sql: `CASE WHEN isfinite(${value}) THEN extract(epoch FROM ${value})::bigint END`,
      type: 'int64',
      optional: true,
      note: 'seconds since 1970',
    };
  if (type === 'json' || type === 'jsonb')
    return {
      sql: `${value}::jsonb`,
      type: null,
      optional,
      note: 'stored, not searched; take out what is to be searched: ->>',
    };
  if (type === 'point') return pair(`(${value})[1]`, `(${value})[0]`, value);
  if (type === 'geometry' || type === 'geography') return geometry(column, value);
  if (type === 'vector' && column.modifier > 0)
    return { sql: `${value}::real[]`, type: 'float[]', optional, dimensions: column.modifier };
  const text = texts.has(type) ? value : `${value}::text`;
  return { sql: text, type: 'string', optional, ...(column.kind === 'e' ? { facet: true } : {}) };
}

function fraction({ type, required }: DerivedColumn, value: string): ColumnValue {
  const number = type === 'money' ? `${value}::numeric::float8` : `${value}::float8`;
  if (type === 'money') return { sql: number, type: 'float', optional: !required };
  return {
    // Typesense knows no number for these.
    sql: `NULLIF(NULLIF(NULLIF(${number}, 'NaN'), 'Infinity'), '-Infinity')`,
    type: 'float',
    optional: true,
    ...(type === 'numeric' ? { note: 'as a double: about 15 digits' } : {}),
  };
}

function arrayValue({ type }: DerivedColumn, value: string): ColumnValue {
  const number = whole[type];
  const plain = number !== undefined || type === 'bool';
  // Elements that are NULL are refused by Typesense; an array of several dimensions becomes one of one.
  const elements = `ARRAY(SELECT e FROM unnest(${value}) AS e WHERE e IS NOT NULL)`;
  const list = plain ? elements : `${elements}::text[]`;
  return {
    sql: `CASE WHEN ${value} IS NOT NULL THEN ${list} END`,
    type: `${number ?? (type === 'bool' ? 'bool' : 'string')}[]`,
    optional: true,
  };
}

/** Latitude first; what is no place on Earth is left out. */
function pair(latitude: string, longitude: string, value: string): ColumnValue {
  return {
    sql:
      `CASE WHEN ${value} IS NOT NULL AND ${latitude} BETWEEN -90 AND 90 AND ${longitude} BETWEEN -180 AND 180 ` +
      `THEN jsonb_build_array(${latitude}, ${longitude}) END`,
    type: 'geopoint',
    optional: true,
    note: 'x is taken for the longitude, y for the latitude',
  };
}

function geometry({ typeSchema }: DerivedColumn, value: string): ColumnValue {
  const schema = quoteIdentifier(typeSchema);
  const centre = `${schema}.st_centroid(${value}::${schema}.geometry)`;
  return pair(`${schema}.st_y(${centre})`, `${schema}.st_x(${centre})`, value);
}
