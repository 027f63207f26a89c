import { sqlFile } from '../../lib/sql-file.ts';
import { qualifiedName, quoteIdentifier } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { displayQualified } from '../display-name.ts';
import { address, claim, draft, rowTypeClaim } from '../draft.ts';
import type { Draft } from '../draft.ts';
import type { UnsupportedObject } from '../model.ts';
import { optionList, optionsMajor, placed, withOptions } from '../storage-options.ts';
import { collateClause } from '../tables/columns.ts';
import type { ColumnRow, ColumnsByRelation } from '../tables/columns.ts';
import { materializedViewDraft } from './materialized-view.ts';
import { readableQuery } from '../readable-query.ts';
import type { ViewRow } from './view-row.ts';
import { unsupported } from '../unsupported/unsupported.ts';

const sql = sqlFile(import.meta.url, './views.sql');

export interface Views {
  readonly rows: readonly ViewRow[];
  readonly drafts: readonly Draft[];
  readonly unsupported: readonly UnsupportedObject[];
}

export async function readViews(
  catalog: CatalogSession,
  columns: ColumnsByRelation,
  tablespaces: boolean,
): Promise<Views> {
  const rows = placed(await catalog.rows<ViewRow>(sql), tablespaces).map((row) => ({
    ...row,
    query: readableQuery(row.query),
  }));
  return {
    rows,
    drafts: rows.flatMap((row) => {
      const own = columns.get(row.oid) ?? [];
      return row.relkind === 'm' ? [materializedViewDraft(row, own)] : viewDrafts(row, own);
    }),
    unsupported: rows.filter(({ ruleState }) => ruleState !== 'O').map((row) => withDisabledRule(row)),
  };
}

/** The view, and its query as a part: in a loop the view starts as a placeholder and gets its query after the rows. */
function viewDrafts(row: ViewRow, columns: readonly ColumnRow[]): Draft[] {
  const quoted = qualifiedName(row.schema, row.name);
  const name = displayQualified(row.schema, row.name);
  const id = `view:${row.oid}`;
  const definitionId = `view definition:${row.oid}`;
  const definition = `VIEW ${quoted}${withOptions(viewOptions(row))} AS\n${row.query}`;
  const placeholder = `VIEW ${quoted} AS\n${placeholderQuery(columns)};`;
  const view = draft({
    id,
    kind: 'view',
    schema: row.schema,
    name: row.name,
    identity: `view ${name}`,
    section: 'pre-data',
    sql: (isSeparate) => `CREATE ${isSeparate(definitionId) ? placeholder : definition}`,
    dropSql: `DROP VIEW ${quoted};`,
    claims: [
      claim(address('pg_class', row.oid), `view ${name}`, `VIEW ${quoted}`, quoted),
      rowTypeClaim(row),
    ],
    minServerMajor: optionsMajor(row.options),
    owner: { role: row.owner, alter: `VIEW ${quoted}` },
  });
  const identity = `definition of view ${name}`;
  const part = draft({
    id: definitionId,
    kind: 'view',
    schema: row.schema,
    name: row.name,
    identity,
    section: 'post-data',
    sql: `CREATE OR REPLACE ${definition}`,
    dropSql: `CREATE OR REPLACE ${placeholder}`,
    partOf: id,
    needs: [id],
    claims: [claim(address('pg_rewrite', row.rule), identity, `RULE "_RETURN" ON ${quoted}`)],
    locks: [{ table: id, mode: 'exclusive' }],
    minServerMajor: optionsMajor(row.options),
    inlineIn: id,
    separateTo: 'post-data',
    // A view with CHECK OPTION must be updatable, which it is not on top of a placeholder.
    needsWholeViews: (row.options ?? []).some((option) => option.startsWith('check_option=')),
  });
  return [view, part];
}

/** The check option last: a later ALTER VIEW … SET may have put it anywhere, without a meaning. */
function viewOptions({ options }: ViewRow): string[] {
  const isCheck = (option: string): boolean => option.startsWith('check_option=');
  const all = options ?? [];
  return optionList([
    ...all.filter((option) => !isCheck(option)),
    ...all.filter((option) => isCheck(option)),
  ]);
}

/** Same columns, no tables. */
function placeholderQuery(columns: readonly ColumnRow[]): string {
  const list = columns.map(
    (column) => `\n  NULL::${column.type}${collateClause(column)} AS ${quoteIdentifier(column.name)}`,
  );
  return ` SELECT${list.join(',')}`;
}

function withDisabledRule(row: ViewRow): UnsupportedObject {
  const kind = row.relkind === 'm' ? 'materialized view' : 'view';
  return unsupported(`${kind} ${displayQualified(row.schema, row.name)}`, {
    obstacle: 'whose query rule is disabled (ALTER TABLE … ENABLE RULE "_RETURN" enables it)',
    objects: [`${kind}:${row.oid}`],
  });
}
