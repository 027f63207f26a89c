import { sqlFile } from '../../lib/sql-file.ts';
import { qualifiedName } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { displayQualified } from '../display-name.ts';
import { address, claim, draft } from '../draft.ts';
import type { Draft } from '../draft.ts';
import { quotePair } from '../name-pair.ts';
import type { NamePair } from '../name-pair.ts';

const sql = sqlFile(import.meta.url, './templates.sql');

interface TemplateRow {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly init: NamePair | null;
  readonly lexize: NamePair;
}

/** They have no owner: like parsers, only superusers make them. */
export async function readTextSearchTemplates(catalog: CatalogSession): Promise<readonly Draft[]> {
  const rows = await catalog.rows<TemplateRow>(sql);
  return rows.map((row) => {
    const signature = `TEXT SEARCH TEMPLATE ${qualifiedName(row.schema, row.name)}`;
    const identity = `text search template ${displayQualified(row.schema, row.name)}`;
    const lines = [
      ...(row.init === null ? [] : [`INIT = ${quotePair(row.init)}`]),
      `LEXIZE = ${quotePair(row.lexize)}`,
    ];
    return draft({
      id: `text search template:${row.oid}`,
      kind: 'text search template',
      schema: row.schema,
      name: row.name,
      identity,
      section: 'pre-data',
      sql: `CREATE ${signature} (\n  ${lines.join(',\n  ')}\n);`,
      dropSql: `DROP ${signature};`,
      claims: [claim(address('pg_ts_template', row.oid), identity, signature)],
      superuser: true,
    });
  });
}
