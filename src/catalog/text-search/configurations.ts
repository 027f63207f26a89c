import { sqlFile } from '../../lib/sql-file.ts';
import { qualifiedName, quoteIdentifier } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { displayQualified } from '../display-name.ts';
import { address, claim, draft } from '../draft.ts';
import type { Draft } from '../draft.ts';
import { quotePair } from '../name-pair.ts';
import type { NamePair } from '../name-pair.ts';

const sql = sqlFile(import.meta.url, './configurations.sql');

interface ConfigurationRow {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly owner: string;
  readonly parserSchema: string;
  readonly parserName: string;
  readonly mappings: readonly {
    readonly token: string;
    /** Schema and name, in the order in which they are asked. */
    readonly dictionaries: readonly NamePair[];
  }[];
}

export async function readTextSearchConfigurations(catalog: CatalogSession): Promise<readonly Draft[]> {
  const rows = await catalog.rows<ConfigurationRow>(sql);
  return rows.map((row) => {
    const signature = `TEXT SEARCH CONFIGURATION ${qualifiedName(row.schema, row.name)}`;
    const identity = `text search configuration ${displayQualified(row.schema, row.name)}`;
    const mappings = row.mappings.map(({ token, dictionaries }) => {
      const list = dictionaries.map(quotePair).join(', ');
      return `ALTER ${signature} ADD MAPPING FOR ${quoteIdentifier(token)} WITH ${list};`;
    });
    const parser = qualifiedName(row.parserSchema, row.parserName);
    return draft({
      id: `text search configuration:${row.oid}`,
      kind: 'text search configuration',
      schema: row.schema,
      name: row.name,
      identity,
      section: 'pre-data',
      sql: [`CREATE ${signature} (PARSER = ${parser});`, ...mappings].join('\n'),
      dropSql: `DROP ${signature};`,
      claims: [claim(address('pg_ts_config', row.oid), identity, signature)],
      owner: { role: row.owner, alter: signature },
    });
  });
}
