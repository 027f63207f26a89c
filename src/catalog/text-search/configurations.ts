import { sqlFile } from '../../lib/sql-file.ts';
import { qualifiedName, quoteIdentifier } from '../../postgres/identifiers.ts';
import { databaseError } from '../../postgres/sqlstate.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { displayQualified } from '../display-name.ts';
import { address, claim, draft } from '../draft.ts';
import type { Draft } from '../draft.ts';
import { groupBy } from '../group-by.ts';
import { quotePair } from '../name-pair.ts';
import type { NamePair } from '../name-pair.ts';

const sql = sqlFile(import.meta.url, './configurations.sql');
const mappingsSql = sqlFile(import.meta.url, './mappings.sql');

interface ConfigurationRow {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly owner: string;
  readonly parser: NamePair;
  readonly builtInParser: boolean;
}

interface MappingRow {
  readonly configuration: number;
  readonly token: string;
  /** In the order in which they are asked. */
  readonly dictionaries: readonly NamePair[];
}

/** Calls the parsers: SOURCE_FILE_MISSING names the configurations where the library of one is gone. */
export async function readTextSearchConfigurations(catalog: CatalogSession): Promise<readonly Draft[]> {
  const rows = await catalog.rows<ConfigurationRow>(sql);
  const mappings = groupBy(await readMappings(catalog, rows), (row) => row.configuration);
  return rows.map((row) => configurationDraft(row, mappings.get(row.oid) ?? []));
}

async function readMappings(
  catalog: CatalogSession,
  rows: readonly ConfigurationRow[],
): Promise<readonly MappingRow[]> {
  if (rows.length === 0) return [];
  try {
    return await catalog.rows<MappingRow>(mappingsSql, [rows.map(({ oid }) => oid)]);
  } catch (error) {
    const names = rows.filter((row) => !row.builtInParser).map(displayConfiguration);
    // PostgreSQL's own parser is in no library.
    if (names.length === 0) throw error;
    throw databaseError(error, 'source', `Asking the parser of ${names.join(', ')} for its token types`);
  }
}

function configurationDraft(row: ConfigurationRow, mappings: readonly MappingRow[]): Draft {
  const signature = `TEXT SEARCH CONFIGURATION ${qualifiedName(row.schema, row.name)}`;
  const identity = displayConfiguration(row);
  const additions = mappings.map(
    ({ token, dictionaries }) =>
      `ALTER ${signature} ADD MAPPING FOR ${quoteIdentifier(token)} WITH ${dictionaries.map(quotePair).join(', ')};`,
  );
  return draft({
    id: `text search configuration:${row.oid}`,
    kind: 'text search configuration',
    schema: row.schema,
    name: row.name,
    identity,
    section: 'pre-data',
    sql: [`CREATE ${signature} (PARSER = ${quotePair(row.parser)});`, ...additions].join('\n'),
    dropSql: `DROP ${signature};`,
    claims: [claim(address('pg_ts_config', row.oid), identity, signature)],
    owner: { role: row.owner, alter: signature },
  });
}

function displayConfiguration({ schema, name }: ConfigurationRow): string {
  return `text search configuration ${displayQualified(schema, name)}`;
}
