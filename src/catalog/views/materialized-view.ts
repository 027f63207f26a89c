import { qualifiedName, quoteIdentifier } from '../../postgres/identifiers.ts';
import { displayQualified } from '../display-name.ts';
import { address, claim, draft, rowTypeClaim } from '../draft.ts';
import type { Draft } from '../draft.ts';
import {
  optionList,
  optionsMajor,
  tablespaceClause,
  tablespacesOf,
  withOptions,
} from '../storage-options.ts';
import { columnSettings, columnSettingsMajor } from '../tables/columns.ts';
import type { ColumnRow } from '../tables/columns.ts';
import type { ViewRow } from './view-row.ts';

export function materializedViewDraft(row: ViewRow, columns: readonly ColumnRow[]): Draft {
  const quoted = qualifiedName(row.schema, row.name);
  const identity = `materialized view ${displayQualified(row.schema, row.name)}`;
  const storage = [
    row.accessMethod === null ? '' : ` USING ${quoteIdentifier(row.accessMethod)}`,
    withOptions([...optionList(row.options), ...optionList(row.toastOptions, 'toast.')]),
    tablespaceClause(row.tablespace),
  ].join('');
  const query = row.query.endsWith(';') ? row.query.slice(0, -1) : row.query;
  return draft({
    id: `materialized view:${row.oid}`,
    kind: 'materialized view',
    schema: row.schema,
    name: row.name,
    identity,
    section: 'pre-data',
    sql: [
      `CREATE MATERIALIZED VIEW ${quoted}${storage} AS\n${query}\nWITH NO DATA;`,
      ...columnSettings(quoted, columns),
      ...(row.replicaIdentity === 'n' ? [`ALTER TABLE ONLY ${quoted} REPLICA IDENTITY NOTHING;`] : []),
      ...(row.replicaIdentity === 'f' ? [`ALTER TABLE ONLY ${quoted} REPLICA IDENTITY FULL;`] : []),
    ].join('\n'),
    dropSql: `DROP MATERIALIZED VIEW ${quoted};`,
    claims: [
      claim(address('pg_class', row.oid), identity, `MATERIALIZED VIEW ${quoted}`, quoted),
      rowTypeClaim(row),
      claim(address('pg_rewrite', row.rule), identity, null),
    ],
    owner: { role: row.owner, alter: `MATERIALIZED VIEW ${quoted}` },
    postponable: true,
    tablespaces: tablespacesOf(row.tablespace),
    minServerMajor: Math.max(
      optionsMajor(row.options),
      optionsMajor(row.toastOptions),
      columnSettingsMajor(columns),
    ),
  });
}

/**
 * Fills a materialized view. `row_security` is off in our sessions (an error instead of hidden rows), which would
 * refuse to read a table with forced row-level security even for the superuser
 * (docs/facts/postgresql.md#row-level-security).
 */
export function refreshDraft(row: ViewRow, needs: readonly string[]): Draft {
  const id = `materialized view:${row.oid}`;
  return draft({
    id: refreshId(row.oid),
    kind: 'refresh',
    schema: row.schema,
    name: row.name,
    identity: contentsIdentity(row),
    section: 'post-data',
    sql: [
      'SET row_security = on;',
      `REFRESH MATERIALIZED VIEW ${qualifiedName(row.schema, row.name)};`,
      'SET row_security = off;',
    ].join('\n'),
    dropSql: null,
    partOf: id,
    needs: [id, ...needs],
    locks: [{ table: id, mode: 'exclusive' }],
  });
}

export function refreshId(oid: number): string {
  return `refresh:${oid}`;
}

export function contentsIdentity({ schema, name }: Pick<ViewRow, 'schema' | 'name'>): string {
  return `contents of materialized view ${displayQualified(schema, name)}`;
}
