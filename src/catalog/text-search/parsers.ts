import { sqlFile } from '../../lib/sql-file.ts';
import { qualifiedName } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { displayQualified } from '../display-name.ts';
import { address, claim, draft } from '../draft.ts';
import type { Draft } from '../draft.ts';
import { quotePair } from '../name-pair.ts';
import type { NamePair } from '../name-pair.ts';

const sql = sqlFile(import.meta.url, './parsers.sql');

interface ParserRow {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly start: NamePair;
  readonly getToken: NamePair;
  readonly end: NamePair;
  readonly headline: NamePair | null;
  readonly lexTypes: NamePair;
}

/** They have no owner: a wrong function would bring the server down, so only superusers make them. */
export async function readTextSearchParsers(catalog: CatalogSession): Promise<readonly Draft[]> {
  const rows = await catalog.rows<ParserRow>(sql);
  return rows.map((row) => {
    const signature = `TEXT SEARCH PARSER ${qualifiedName(row.schema, row.name)}`;
    const identity = `text search parser ${displayQualified(row.schema, row.name)}`;
    const lines = [
      `START = ${quotePair(row.start)}`,
      `GETTOKEN = ${quotePair(row.getToken)}`,
      `END = ${quotePair(row.end)}`,
      ...(row.headline === null ? [] : [`HEADLINE = ${quotePair(row.headline)}`]),
      `LEXTYPES = ${quotePair(row.lexTypes)}`,
    ];
    return draft({
      id: `text search parser:${row.oid}`,
      kind: 'text search parser',
      schema: row.schema,
      name: row.name,
      identity,
      section: 'pre-data',
      sql: `CREATE ${signature} (\n  ${lines.join(',\n  ')}\n);`,
      dropSql: `DROP ${signature};`,
      claims: [claim(address('pg_ts_parser', row.oid), identity, signature)],
      superuser: true,
    });
  });
}
