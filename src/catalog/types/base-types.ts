import { sqlFile } from '../../lib/sql-file.ts';
import { qualifiedName, quoteLiteral } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { displayQualified } from '../display-name.ts';
import { address, claim, draft } from '../draft.ts';
import type { Draft } from '../draft.ts';
import { shellDraft } from './shell-types.ts';
import type { SelfDescribingType } from './shell-types.ts';

const sql = sqlFile(import.meta.url, './base-types.sql');

interface BaseTypeRow extends SelfDescribingType {
  readonly owner: string;
  /** In bytes; -1 for types of variable length. */
  readonly length: number;
  readonly byValue: boolean;
  readonly alignment: string;
  readonly storage: string;
  readonly category: string;
  readonly preferred: boolean;
  readonly delimiter: string;
  readonly default: string | null;
  readonly collatable: boolean;
  readonly element: string | null;
  readonly elementLength: number | null;
  readonly functions: readonly (readonly [option: string, schema: string, name: string])[];
}

/** Each with its shell, which its functions name before it exists. */
export async function readBaseTypes(catalog: CatalogSession): Promise<readonly Draft[]> {
  const rows = await catalog.rows<BaseTypeRow>(sql);
  return rows.flatMap((row) => {
    const quoted = qualifiedName(row.schema, row.name);
    const identity = `base type ${displayQualified(row.schema, row.name)}`;
    const id = `base type:${row.oid}`;
    const type = draft({
      id,
      kind: 'base type',
      schema: row.schema,
      name: row.name,
      identity,
      section: 'pre-data',
      sql: `CREATE TYPE ${quoted} (\n  ${options(row).join(',\n  ')}\n);`,
      dropSql: `DROP TYPE ${quoted};`,
      claims: [claim(address('pg_type', row.oid), identity, `TYPE ${quoted}`)],
      owner: { role: row.owner, alter: `TYPE ${quoted}` },
      superuser: true,
      minServerMajor: subscript(row) === null ? 0 : 14,
    });
    return [type, shellDraft(row, id)];
  });
}

const alignments: Readonly<Record<string, string>> = { c: 'char', s: 'int2', i: 'int4', d: 'double' };
const storages: Readonly<Record<string, string>> = { p: 'plain', e: 'external', x: 'extended', m: 'main' };

function options(row: BaseTypeRow): string[] {
  const list = row.functions
    .filter(([option]) => option !== 'SUBSCRIPT')
    .map(([option, schema, name]) => `${option} = ${qualifiedName(schema, name)}`);
  list.push(`INTERNALLENGTH = ${row.length === -1 ? 'variable' : row.length}`);
  if (row.byValue) list.push('PASSEDBYVALUE');
  list.push(`ALIGNMENT = ${alignments[row.alignment] ?? row.alignment}`);
  list.push(`STORAGE = ${storages[row.storage] ?? row.storage}`);
  if (row.category !== 'U') list.push(`CATEGORY = ${quoteLiteral(row.category)}`);
  if (row.preferred) list.push('PREFERRED = true');
  if (row.default !== null) list.push(`DEFAULT = ${quoteLiteral(row.default)}`);
  if (row.element !== null) list.push(`ELEMENT = ${row.element}`);
  const handler = subscript(row);
  if (handler !== null) list.push(`SUBSCRIPT = ${handler}`);
  if (row.delimiter !== ',') list.push(`DELIMITER = ${quoteLiteral(row.delimiter)}`);
  if (row.collatable) list.push('COLLATABLE = true');
  return list;
}

/**
 * The subscripting function, where the server would not choose it by itself: servers before 14, which take no such
 * option, treat a type of fixed length with elements as an array of them, and later ones have a function for that.
 */
function subscript(row: BaseTypeRow): string | null {
  const found = row.functions.find(([option]) => option === 'SUBSCRIPT');
  if (found === undefined) return null;
  const [, schema, name] = found;
  const chosen =
    schema === 'pg_catalog' &&
    name === 'raw_array_subscript_handler' &&
    row.length > 0 &&
    !row.byValue &&
    (row.elementLength ?? 0) > 0;
  return chosen ? null : qualifiedName(schema, name);
}
