import { sqlFile } from '../../lib/sql-file.ts';
import { qualifiedName } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { displayQualified } from '../display-name.ts';
import { address, claim, draft } from '../draft.ts';
import type { Draft } from '../draft.ts';

const sql = sqlFile(import.meta.url, './dictionaries.sql');

interface DictionaryRow {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly owner: string;
  readonly templateSchema: string;
  readonly templateName: string;
  readonly options: string | null;
}

/** The files that options name (stop words, affixes) are no part of a database: the target must have them. */
export async function readTextSearchDictionaries(catalog: CatalogSession): Promise<readonly Draft[]> {
  const rows = await catalog.rows<DictionaryRow>(sql);
  return rows.map((row) => {
    const signature = `TEXT SEARCH DICTIONARY ${qualifiedName(row.schema, row.name)}`;
    const identity = `text search dictionary ${displayQualified(row.schema, row.name)}`;
    const lines = [
      `TEMPLATE = ${qualifiedName(row.templateSchema, row.templateName)}`,
      ...(row.options === null ? [] : [row.options]),
    ];
    return draft({
      id: `text search dictionary:${row.oid}`,
      kind: 'text search dictionary',
      schema: row.schema,
      name: row.name,
      identity,
      section: 'pre-data',
      sql: `CREATE ${signature} (\n  ${lines.join(',\n  ')}\n);`,
      dropSql: `DROP ${signature};`,
      claims: [claim(address('pg_ts_dict', row.oid), identity, signature)],
      owner: { role: row.owner, alter: signature },
    });
  });
}
