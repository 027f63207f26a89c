import type { ReferenceColumn } from '../../../catalog/model.ts';
import { qualifiedName, quoteIdentifier } from '../../../postgres/identifiers.ts';
import type { TableRows } from '../../../postgres/rows.ts';

/** All its rows under a name, as they are read. */
function rowsAs({ schema, name, reading }: TableRows, as: string): string {
  const rows = reading?.rows ?? null;
  return `${rows === null ? `ONLY ${qualifiedName(schema, name)}` : `(${rows}\n)`} AS ${as}`;
}

/** Columns of a key as one database writes their types and operators. */
export type KeyColumns = readonly ReferenceColumn[];

/**
 * Every different key that rows of a table refer to something with: its values as text, and how many rows have it.
 * Rows that refer to nothing (a NULL; of MATCH FULL nothing but NULLs) are left out. The server sorts them, on its
 * disk where they are many.
 */
export function keysSql(table: TableRows, columns: KeyColumns, full: boolean): string {
  const names = columns.map(({ name }) => quoteIdentifier(name)).join(', ');
  const texts = columns.map(({ name }) => `${quoteIdentifier(name)}::text`).join(', ');
  const refers = full ? `< ${columns.length}` : '= 0';
  return `SELECT ARRAY[${texts}] AS "key", count(*)::text AS "rows" FROM ${rowsAs(table, 'own')}
WHERE pg_catalog.num_nulls(${names}) ${refers}
GROUP BY ${names} ORDER BY ${names}`;
}

/**
 * Of a key with PERIOD, which no rows of the tables cover: those that have its other columns and meet its time,
 * together.
 */
function uncovered(tables: readonly TableRows[], columns: KeyColumns): string {
  const last = columns.length - 1;
  const time = columns[last];
  if (time === undefined) return 'false';
  const period = quoteIdentifier(time.referenced);
  const wanted = `key.c${last}::${time.type ?? 'text'}`;
  const rows = tables.map(
    (table) =>
      `SELECT other.${period} AS period FROM ${rowsAs(table, 'other')} WHERE ${equalities(columns).join(' AND ')}`,
  );
  return `(SELECT ${wanted} OPERATOR(pg_catalog.<@) pg_catalog.range_agg(covering.period) FROM (${rows.join(' UNION ALL ')}) AS covering) IS NOT TRUE`;
}

/** What of a row must be equal to a key's column; of a PERIOD the two must overlap. */
function equalities(columns: KeyColumns): readonly string[] {
  return columns.map(({ referenced, type, equals }, index) => {
    const other = `other.${quoteIdentifier(referenced)}`;
    if (type === null) return `${other}::text OPERATOR(pg_catalog.=) key.c${index}`;
    return `${other} OPERATOR(${quoteIdentifier(equals.schema)}.${equals.name}) key.c${index}::${type}`;
  });
}

/**
 * Which of some keys no row of the tables has. Parameters: for each column an array of texts. Column: the key's place,
 * from 1. Compares as the foreign key does, so that its index serves.
 */
export function missingSql(tables: readonly TableRows[], columns: KeyColumns, period: boolean): string {
  const arrays = columns.map((_column, index) => `$${index + 1}::text[]`).join(', ');
  const names = columns.map((_column, index) => `c${index}`);
  const equal = equalities(columns);
  const absent = period
    ? [uncovered(tables, columns)]
    : tables.map(
        (table) => `NOT EXISTS (SELECT FROM ${rowsAs(table, 'other')} WHERE ${equal.join(' AND ')})`,
      );
  return `SELECT key.place::int AS "place" FROM unnest(${arrays}) WITH ORDINALITY AS key (${names.join(', ')}, place)
WHERE ${absent.join('\n  AND ')} ORDER BY key.place`;
}
