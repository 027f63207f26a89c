import { sqlFile } from '../../lib/sql-file.ts';
import type { CatalogSession } from '../catalog-session.ts';
import type { Dependency } from '../dependencies/dependencies.ts';
import { displayName, displayQualified, oneLine } from '../display-name.ts';
import { address } from '../draft.ts';
import type { Address, Draft } from '../draft.ts';
import { groupBy } from '../group-by.ts';
import type { ObjectKind, Understood } from '../model.ts';
import type { ColumnRow, ColumnsByRelation } from '../tables/columns.ts';

const usedNamesSql = sqlFile(import.meta.url, './used-names.sql');

/** Kinds whose expressions the server has understood, and depends on what it has found for them. */
const kindsWithExpressions: ReadonlySet<ObjectKind> = new Set([
  'check constraint',
  'default',
  'domain',
  'exclusion constraint',
  'foreign table',
  'index',
  'materialized view',
  'policy',
  'rule',
  'statistics',
  'table',
  'trigger',
  'view',
]);
const usable = new Set(['pg_proc', 'pg_type', 'pg_operator', 'pg_collation']);
const heldByRelation: ReadonlySet<ObjectKind> = new Set(['exclusion constraint', 'index']);
/**
 * Catalogs whose rows hold expressions: of relations those of indexes, as what tables depend on stands in their text.
 */
const holding = new Set([
  'pg_class',
  'pg_rewrite',
  'pg_constraint',
  'pg_attrdef',
  'pg_policy',
  'pg_trigger',
  'pg_statistic_ext',
]);

/**
 * How a server has understood a definition, as far as its text does not prove it: the types of a view's columns, and
 * the users' functions, types, operators and collations on which its expressions depend. Takes one query.
 */
export async function readUnderstanding(
  catalog: CatalogSession,
  {
    dependencies,
    columns,
  }: { readonly dependencies: readonly Dependency[]; readonly columns: ColumnsByRelation },
): Promise<(drafts: readonly Draft[]) => readonly Draft[]> {
  const uses = groupBy(
    dependencies.filter(
      ({ from, to, type }) => type === 'n' && holding.has(catalogOf(from)) && usable.has(catalogOf(to)),
    ),
    ({ from }) => from,
  );
  const names = await namesOf(catalog, new Set([...uses.values()].flat().map(({ to }) => to)));
  const usedBy = ({ kind, claims }: Draft): readonly string[] =>
    claims.flatMap((claim) => {
      if (catalogOf(claim.address) === 'pg_class' && !heldByRelation.has(kind)) return [];
      return (uses.get(claim.address) ?? []).flatMap(({ to }) => names.get(to) ?? []);
    });
  return (drafts) => {
    const partsOf = groupBy(
      drafts.filter(({ inlineIn }) => inlineIn !== null),
      ({ inlineIn }) => inlineIn,
    );
    return drafts.map((draft): Draft => {
      if (!kindsWithExpressions.has(draft.kind)) return draft;
      const parts = partsOf.get(draft.id) ?? [];
      return {
        ...draft,
        understood: (isSeparate): Understood => ({
          columns: columnsOf(draft, columns),
          uses: [
            ...new Set([draft, ...parts.filter(({ id }) => !isSeparate(id))].flatMap((one) => usedBy(one))),
          ].sort(),
        }),
      };
    });
  };
}

function columnsOf({ kind, claims }: Draft, columns: ColumnsByRelation): readonly string[] {
  if (kind !== 'view' && kind !== 'materialized view') return [];
  return claims
    .filter((claim) => catalogOf(claim.address) === 'pg_class')
    .flatMap((claim) => columns.get(Number(claim.address.slice('pg_class:'.length))) ?? [])
    .map(columnText);
}

function columnText({ name, type, collation, collationSchema }: ColumnRow): string {
  const own =
    collation === null || collationSchema === null
      ? ''
      : ` COLLATE ${displayQualified(collationSchema, collation)}`;
  return `${displayName(name)} ${oneLine(type)}${own}`;
}

async function namesOf(
  catalog: CatalogSession,
  rows: ReadonlySet<Address>,
): Promise<ReadonlyMap<Address, string>> {
  if (rows.size === 0) return new Map();
  const asked = [...rows].map((row) => [catalogOf(row), Number(row.slice(row.indexOf(':') + 1))] as const);
  const found = await catalog.rows<{ catalog: string; oid: number; name: string }>(usedNamesSql, [
    asked.map(([name]) => name),
    asked.map(([, oid]) => oid),
  ]);
  return new Map(found.map(({ catalog: name, oid, name: text }) => [address(name, oid), oneLine(text)]));
}

function catalogOf(row: Address): string {
  return row.slice(0, row.indexOf(':'));
}
