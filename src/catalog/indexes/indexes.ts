import { sqlFile } from '../../lib/sql-file.ts';
import { qualifiedName } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { displayQualified } from '../display-name.ts';
import { address, claim, draft, relationId } from '../draft.ts';
import type { Draft } from '../draft.ts';
import type { UnsupportedObject } from '../model.ts';
import { inTablespace, placed, tablespacesOf } from '../storage-options.ts';
import { indexSettings } from './index-settings.ts';
import type { IndexSettings } from './index-settings.ts';
import { unsupported } from '../unsupported/unsupported.ts';

const sql = sqlFile(import.meta.url, './indexes.sql');

interface IndexRow {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly table: number;
  readonly relkind: string;
  readonly tableSchema: string;
  readonly tableName: string;
  readonly definition: string;
  readonly valid: boolean;
  readonly clustered: boolean;
  readonly replicaIdentity: boolean;
  readonly tablespace: string | null;
  readonly attached: boolean;
  readonly nullsNotDistinct: boolean;
}

export interface Indexes {
  readonly drafts: readonly Draft[];
  readonly unsupported: readonly UnsupportedObject[];
}

export async function readIndexes(
  catalog: CatalogSession,
  settings: IndexSettings,
  tablespaces: boolean,
): Promise<Indexes> {
  const rows = placed(await catalog.rows<IndexRow>(sql), tablespaces);
  const invalid = rows.flatMap((row): UnsupportedObject[] => {
    const table = relationId(row.relkind, row.table);
    // A failed CREATE INDEX CONCURRENTLY leaves an invalid index behind; pg_dump drops it silently.
    const obstacle = 'which is invalid (REINDEX INDEX makes it valid, DROP INDEX removes it)';
    const identity = `index ${displayQualified(row.schema, row.name)}`;
    return row.valid ? [] : [unsupported(identity, { obstacle, table, objects: [`index:${row.oid}`] })];
  });
  return { drafts: rows.map((row) => indexDraft(row, settings)), unsupported: invalid };
}

function indexDraft(row: IndexRow, settings: IndexSettings): Draft {
  const quoted = qualifiedName(row.schema, row.name);
  const identity = `index ${displayQualified(row.schema, row.name)}`;
  const owner = relationId(row.relkind, row.table);
  const table = qualifiedName(row.tableSchema, row.tableName);
  const more = indexSettings({ ...row, index: row.oid, table }, settings);
  return draft({
    id: `index:${row.oid}`,
    kind: 'index',
    schema: row.schema,
    name: row.name,
    identity,
    section: 'post-data',
    sql: [inTablespace(row.tablespace, `${row.definition};`), ...more].join('\n'),
    // An index that is attached to a partitioned index cannot be dropped alone; it vanishes with that one.
    dropSql: row.attached ? null : `DROP INDEX ${quoted};`,
    partOf: owner,
    needs: [owner],
    claims: [claim(address('pg_class', row.oid), identity, `INDEX ${quoted}`)],
    locks: [{ table: owner, mode: more.length === 0 ? 'share' : 'exclusive' }],
    tablespaces: tablespacesOf(row.tablespace),
    minServerMajor: row.nullsNotDistinct ? 15 : 0,
  });
}
