import { quoteIdentifier, quoteLiteral } from '../../postgres/identifiers.ts';
import { hashField } from '../collection-config.ts';
import { columnValue } from './column-value.ts';
import type { ColumnValue, DerivedColumn } from './column-value.ts';

/** A collection that a table was made into, to be pasted into a configuration and changed there. */
export interface DerivedCollection {
  readonly name: string;
  readonly query: string;
  readonly fields: readonly {
    readonly name: string;
    readonly type: string;
    readonly optional?: true;
    readonly facet?: true;
    readonly num_dim?: number;
  }[];
  /** A sentence for each thing to know or to decide. */
  readonly notes: readonly string[];
}

export interface DerivedTable {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly DerivedColumn[];
}

/** jsonb_build_object takes a hundred arguments. */
const pairsMax = 50;
const flag = /^(?:is_?)?deleted(?:_?at)?$/i;

/** `schema`: of the environment, which `{schema}` stands for. Null without a primary key. Pure. */
export function deriveCollection(table: DerivedTable, schema: string): DerivedCollection | null {
  const row = 't';
  const keys = table.columns
    .filter(({ key }) => key !== null)
    .sort((one, other) => (one.key ?? 0) - (other.key ?? 0));
  if (keys.length === 0) return null;
  const notes: string[] = [];
  const values: { readonly column: DerivedColumn; readonly value: ColumnValue }[] = [];
  for (const column of table.columns) {
    const isId = keys.length === 1 && column.key !== null && column.name === 'id';
    if (isId) continue;
    if (column.name === 'id' || column.name === hashField) {
      notes.push(`${column.name}: left out, the name is taken; give it another one if it is to be searched`);
      continue;
    }
    const value = columnValue(column, row);
    if (value === null) {
      notes.push(`${column.name}: left out, ${column.type} has no place in a document`);
      continue;
    }
    values.push({ column, value });
    if (value.note !== undefined) notes.push(`${column.name}: ${value.note}`);
    // In a document a dot would stand for an object within.
    if (column.name.includes('.')) notes.push(`${column.name}: a dot in a name stands for an object within`);
    if (flag.test(column.name))
      notes.push(
        `${column.name}: rows that are marked as deleted are searched as well; a WHERE leaves them out`,
      );
  }
  const pairs = [
    `'id', ${idOf(keys, row)}`,
    ...values.map(({ column, value }) => `${quoteLiteral(column.name)}, ${value.sql}`),
  ];
  const from = table.schema === schema ? '{schema}' : quoteIdentifier(table.schema);
  const query = `SELECT ${objects(pairs)} AS document\nFROM ${from}.${quoteIdentifier(table.name)} AS ${row}`;
  const fields = values.flatMap(({ column, value }) =>
    value.type === null ? [] : [fieldOf(column.name, value.type, value)],
  );
  return { name: aliasOf(table.name), query, fields, notes };
}

function fieldOf(
  name: string,
  type: string,
  { optional, facet, dimensions }: ColumnValue,
): DerivedCollection['fields'][number] {
  return {
    name,
    type,
    ...(optional ? { optional } : {}),
    ...(facet === undefined ? {} : { facet }),
    ...(dimensions === undefined ? {} : { num_dim: dimensions }),
  };
}

/** Several columns as JSON, so that no two keys become one id. */
function idOf(keys: readonly DerivedColumn[], row: string): string {
  const columns = keys.map(({ name }) => `${row}.${quoteIdentifier(name)}`);
  const [first = ''] = columns;
  return columns.length === 1 ? `${first}::text` : `jsonb_build_array(${columns.join(', ')})::text`;
}

function objects(pairs: readonly string[]): string {
  const parts: string[] = [];
  for (let at = 0; at < pairs.length; at += pairsMax)
    parts.push(`jsonb_build_object(\n  ${pairs.slice(at, at + pairsMax).join(',\n  ')}\n)`);
  return parts.join(' || ');
}

function aliasOf(table: string): string {
  const alias = table
    .replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '_')
    .toLowerCase()
    .replaceAll(/[^a-z0-9_]+/g, '_')
    .replaceAll(/^_+|_+$/g, '');
  return alias === '' ? 'documents' : alias;
}
