import { sqlFile } from '../../lib/sql-file.ts';
import { qualifiedName } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { displayQualified } from '../display-name.ts';
import { address, claim, draft } from '../draft.ts';
import type { Draft } from '../draft.ts';
import { quotePair } from '../name-pair.ts';
import type { NamePair } from '../name-pair.ts';
import { shellDraft } from './shell-types.ts';
import type { SelfDescribingType } from './shell-types.ts';

const sql = sqlFile(import.meta.url, './range-types.sql');

interface RangeRow extends SelfDescribingType {
  readonly owner: string;
  readonly subtype: string;
  readonly operatorClass: NamePair | null;
  readonly collation: NamePair | null;
  readonly canonical: NamePair | null;
  readonly difference: NamePair | null;
  readonly multirangeOid: number | null;
  readonly multirange: NamePair | null;
}

/** Each with its multirange, and with a shell where a canonical function must name it before it exists. */
export async function readRangeTypes(catalog: CatalogSession): Promise<readonly Draft[]> {
  const rows = await catalog.rows<RangeRow>(sql);
  return rows.flatMap((row) => {
    const quoted = qualifiedName(row.schema, row.name);
    const identity = `range type ${displayQualified(row.schema, row.name)}`;
    const id = `range type:${row.oid}`;
    const claims = [claim(address('pg_type', row.oid), identity, `TYPE ${quoted}`)];
    if (row.multirangeOid !== null && row.multirange !== null) {
      claims.push(
        claim(
          address('pg_type', row.multirangeOid),
          `multirange type ${displayQualified(...row.multirange)}`,
          `TYPE ${quotePair(row.multirange)}`,
          null,
          14,
        ),
      );
    }
    const multirange = namedMultirange(row);
    const type = draft({
      id,
      kind: 'range type',
      schema: row.schema,
      name: row.name,
      identity,
      section: 'pre-data',
      sql: `CREATE TYPE ${quoted} AS RANGE (\n  ${options(row, multirange).join(',\n  ')}\n);`,
      dropSql: `DROP TYPE ${quoted};`,
      claims,
      owner: { role: row.owner, alter: `TYPE ${quoted}` },
      minServerMajor: multirange === null ? 0 : 14,
    });
    return row.canonical === null ? [type] : [type, shellDraft(row, id)];
  });
}

function options(row: RangeRow, multirange: NamePair | null): string[] {
  const list = [`SUBTYPE = ${row.subtype}`];
  const add = (option: string, pair: NamePair | null): void => {
    if (pair !== null) list.push(`${option} = ${quotePair(pair)}`);
  };
  add('SUBTYPE_OPCLASS', row.operatorClass);
  add('COLLATION', row.collation);
  add('CANONICAL', row.canonical);
  add('SUBTYPE_DIFF', row.difference);
  add('MULTIRANGE_TYPE_NAME', multirange);
  return list;
}

/** Longest name a server keeps, in bytes. */
const maxNameBytes = 63;

/** The multirange, where the server would not give it this name by itself: servers before 14 have none. */
function namedMultirange({ schema, name, multirange }: RangeRow): NamePair | null {
  if (multirange === null) return null;
  return multirange[0] === schema && multirange[1] === givenName(name) ? null : multirange;
}

/**
 * As servers make it (`makeMultirangeTypeName`): of a name without "range" they keep 52 bytes, even if that cuts a
 * character, whose rest no statement can write.
 */
function givenName(range: string): string {
  if (!range.includes('range'))
    return `${Buffer.from(range)
      .subarray(0, maxNameBytes - '_multirange'.length)
      .toString()}_multirange`;
  let name = range.replace('range', () => 'multirange');
  while (Buffer.byteLength(name) > maxNameBytes) name = Array.from(name).slice(0, -1).join('');
  return name;
}
