import { sqlFile } from '../../lib/sql-file.ts';
import type { ImportPlan } from '../../plan/import-plan.ts';
import type { CallOptions, Queryable } from '../../postgres/session.ts';
import type { LockedRelation } from './lock-statements.ts';

const presentRelationsSql = sqlFile(import.meta.url, './present-relations.sql');

interface PresentRelation {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  /** `pg_class.relkind`. */
  readonly kind: 'r' | 'p' | 'v' | 'm' | 'f' | 'S';
  readonly owner: string;
  readonly owned: boolean;
  readonly ofExtension: boolean;
  readonly lockable: boolean;
  readonly hanging: boolean;
}

/**
 * The tables that a replacement in place locks before it begins: all but those that stay where they are, with their
 * rows.
 */
export function lockedInPlace<Table extends { readonly id: string }>(
  tables: readonly Table[],
  { staying }: Pick<ImportPlan, 'staying'>,
): readonly Table[] {
  return tables.filter(({ id }) => !staying.has(id));
}

/**
 * The relations of the session's database that a replacement in place locks, in the order in which they are locked,
 * without reading its catalogue. Everything that a reader can hold while it waits for a table is among them: who waits
 * for a table that we hold, and holds a view that we drop later, would be in deadlock with us. Extensions take part
 * only in a run about the whole database, and only with their tables. In a run about some schemas, relations of others
 * come along that the server locks when it drops what hangs on them.
 */
export async function presentRelations(
  session: Queryable,
  { schemas, beside, fromTarget, staying }: Pick<ImportPlan, 'schemas' | 'beside' | 'fromTarget' | 'staying'>,
  options: CallOptions,
): Promise<readonly (LockedRelation & { readonly id: string })[]> {
  // All of the database is in a run without limits: nothing lies outside.
  const again = schemas === null ? [] : [...fromTarget];
  const found = await session.query<PresentRelation>(presentRelationsSql, [again], options);
  return found
    .filter((relation) => takesPart(relation, { schemas, beside, staying }))
    .map(({ oid, schema, name, kind, owner }) => ({
      id: `${wordOf[kind]}:${oid}`,
      schema,
      name,
      owner: kind === 'r' || kind === 'p' ? null : owner,
    }));
}

function takesPart(
  { oid, schema, kind, ofExtension, hanging, lockable, owned }: PresentRelation,
  { schemas, beside, staying }: Pick<ImportPlan, 'schemas' | 'beside' | 'staying'>,
): boolean {
  if (staying.has(`${wordOf[kind]}:${oid}`)) return false;
  const inside = schemas?.target.includes(schema) ?? true;
  const touched = hanging || beside.has(`table:${oid}`);
  switch (kind) {
    case 'r':
      return inside ? schemas === null || !ofExtension : lockable && touched;
    case 'p':
      return lockable && (inside || touched);
    case 'S':
      return inside && owned;
    case 'v':
    case 'm':
    case 'f':
      return owned && (inside || hanging);
    default:
      return kind satisfies never;
  }
}

/** How ids of the catalogue begin. */
const wordOf: Readonly<Record<PresentRelation['kind'], string>> = {
  r: 'table',
  p: 'table',
  v: 'view',
  m: 'materialized view',
  f: 'foreign table',
  S: 'sequence',
};
