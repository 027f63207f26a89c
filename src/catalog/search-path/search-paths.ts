import { sqlFile } from '../../lib/sql-file.ts';
import { emptySearchPath, setSearchPath } from '../../postgres/search-path.ts';
import type { CatalogSession } from '../catalog-session.ts';
import type { Dependency } from '../dependencies/dependencies.ts';
import { address } from '../draft.ts';
import type { Address, Draft, IsSeparate } from '../draft.ts';
import { groupBy } from '../group-by.ts';
import { withDefinition } from '../extensions/guarded.ts';
import type { CatalogTable, ObjectKind, UnsupportedObject } from '../model.ts';
import { unsupported } from '../unsupported/unsupported.ts';
import { bodyGraph, catalogOf } from './body-graph.ts';
import { BodyPaths, noBodyPath } from './body-paths.ts';
import type { BodyPath } from './body-paths.ts';
import { operatorUses } from './operator-uses.ts';
import type { OperatorUse } from './operator-uses.ts';
import { Operators } from './operators.ts';
import type { OperatorRow } from './operators.ts';

const comparedSql = sqlFile(import.meta.url, './compared.sql');
const expressionsSql = sqlFile(import.meta.url, './expressions.sql');
const operatorsSql = sqlFile(import.meta.url, './operators.sql');

interface ExpressionRow {
  readonly catalog: string;
  readonly oid: number;
  readonly tree: string;
}

interface ComparedRow {
  readonly catalog: string;
  readonly oid: number;
  readonly operatorClass: number;
}

export interface SearchPathsInput {
  readonly drafts: readonly Draft[];
  readonly tables: readonly CatalogTable[];
  readonly dependencies: readonly Dependency[];
  /** The schema of the application’s tables; null where nothing is made again, and no body matters. */
  readonly madeAgain: { readonly schema: string } | null;
}

export interface WithSearchPaths {
  readonly drafts: readonly Draft[];
  /** With the path under which their rows are written. */
  readonly tables: readonly CatalogTable[];
  readonly unsupported: readonly UnsupportedObject[];
  /** The same for statements that come later: contents of materialized views, each `partOf` its view. */
  readonly contents: (drafts: readonly Draft[]) => Pick<WithSearchPaths, 'drafts' | 'unsupported'>;
}

/**
 * Definitions are written under an empty `search_path`, with every name in full. Two things of them are found by plain
 * names all the same, and would be others, or nothing:
 *
 * - operators for whose schema the grammar has no place (operator-uses.ts). The statement gets the path under which
 *   each of these names finds what the source found, and the operators become part of what is compared. Where no path
 *   does, or a row comparison writes one schema for operators of two, the object is named;
 * - what the bodies of functions name that the statement runs, or a row that is written later (body-paths.ts).
 */
export async function withSearchPaths(
  catalog: CatalogSession,
  { drafts, tables, dependencies, madeAgain }: SearchPathsInput,
): Promise<WithSearchPaths> {
  const uses = await operatorUsesOf(catalog);
  const named = new Set([...uses.values()].flat().map(({ operator }) => operator));
  const operators = new Operators(
    uses.size === 0 ? [] : await catalog.rows<OperatorRow>(operatorsSql, [[...named]]),
  );
  const usesOf = new Map(
    drafts.map((draft) => [draft.id, draft.claims.flatMap((claim) => uses.get(claim.address) ?? [])]),
  );
  const partsOf = groupBy(
    drafts.filter(({ inlineIn }) => inlineIn !== null),
    ({ inlineIn }) => inlineIn,
  );
  const views = drafts.filter(({ kind }) => kind === 'materialized view');
  const byId = new Map(drafts.map((draft) => [draft.id, draft]));
  const starts = new Map(
    drafts.map((draft) => [draft.id, startsOf(draft, partsOf.get(draft.id) ?? [], byId)]),
  );
  const bodies =
    madeAgain === null
      ? null
      : await BodyPaths.read(catalog, {
          graph: bodyGraph([...dependencies, ...(await comparedInside(catalog))]),
          starts: [...[...starts.values()].flat(), ...views.flatMap(claimed)],
          schema: madeAgain.schema,
        });
  const read: ReadPaths = { byId, partsOf, operators, usesOf, starts, bodies };
  const under = drafts.map((draft) => underItsPath(read, draft));
  const rowPaths = rowPathsOf(drafts, read);
  return {
    drafts: under.map(({ draft }) => draft),
    tables: tables.map((table) => ({ ...table, searchPath: rowPaths(table) })),
    unsupported: under.flatMap(({ obstacles }) => obstacles),
    contents: (later) => contentsUnderPath(bodies, views, later),
  };
}

/** What is known of all drafts when each one's path is looked for. */
interface ReadPaths {
  readonly byId: ReadonlyMap<string, Draft>;
  /** Drafts that are written in another one's statement, by its id. */
  readonly partsOf: ReadonlyMap<string | null, readonly Draft[]>;
  readonly operators: Operators;
  readonly usesOf: ReadonlyMap<string, readonly OperatorUse[]>;
  /** The rows from which each draft's statement reaches functions. */
  readonly starts: ReadonlyMap<string, readonly Address[]>;
  /** Null where no body matters. */
  readonly bodies: BodyPaths | null;
}

function bodyOf(bodies: BodyPaths | null, rows: readonly Address[], proved: boolean): BodyPath {
  return bodies === null || rows.length === 0 ? noBodyPath : bodies.pathOf(rows, { proved });
}

/** Under the path of the rows, but nothing is missed that only their checks need. */
function builtOf(bodies: BodyPaths | null, rows: readonly Address[], of = rows): BodyPath {
  const body = bodyOf(bodies, rows, false);
  if (bodies === null || body === noBodyPath) return body;
  const { found, obstacle } = bodies.pathOf(of, { proved: false, ofValues: true });
  return { schemas: body.schemas, found, obstacle };
}

/** A draft with the path that its statement needs, and what no path can give it. */
function underItsPath(
  { partsOf, operators, usesOf, starts, bodies }: ReadPaths,
  draft: Draft,
): { readonly draft: Draft; readonly obstacles: readonly UnsupportedObject[] } {
  if (draft.sql === '') return { draft, obstacles: [] };
  const rows = starts.get(draft.id) ?? [];
  const ownPath = builtUnderOwnPath.has(draft.kind);
  const body = ownPath ? builtOf(bodies, rows) : bodyOf(bodies, rows, true);
  const obstacles: UnsupportedObject[] = [];
  const name = (obstacle: string | null): void => {
    // A part is named as what holds it.
    if (obstacle === null || draft.inlineIn !== null) return;
    obstacles.push(unsupported(draft.identity, { obstacle, objects: [draft.id] }));
  };
  name(body.obstacle);
  const own = usesOf.get(draft.id) ?? [];
  const parts = (partsOf.get(draft.id) ?? [])
    .filter(({ id }) => (usesOf.get(id) ?? []).length > 0)
    .toSorted((a, b) => (a.identity < b.identity ? -1 : 1));
  if (own.length + parts.length + body.schemas.length === 0) return { draft, obstacles };
  const usesIn = (isSeparate: IsSeparate): readonly OperatorUse[] => [
    ...own,
    ...parts.filter(({ id }) => !isSeparate(id)).flatMap(({ id }) => usesOf.get(id) ?? []),
  ];
  const whole = operators.path(
    usesIn(() => false),
    body.schemas,
  );
  const written = typeof draft.sql === 'string' ? draft.sql : draft.sql(() => false);
  name(whole.obstacle ?? bodies?.hiding(written, body.schemas) ?? null);
  const changed: Draft = {
    ...draft,
    foundByPath: ownPath ? body.found : [],
    sql: (isSeparate) => {
      const text = typeof draft.sql === 'string' ? draft.sql : draft.sql(isSeparate);
      return underPath(text, operators.path(usesIn(isSeparate), body.schemas).schemas);
    },
    resolved: (isSeparate) => operators.names(usesIn(isSeparate)),
  };
  return { draft: changed, obstacles };
}

/** What fills the views of these drafts, under the paths that their queries need. */
function contentsUnderPath(
  bodies: BodyPaths | null,
  views: readonly Draft[],
  later: readonly Draft[],
): Pick<WithSearchPaths, 'drafts' | 'unsupported'> {
  const rowsOf = new Map(views.map((view) => [view.id, claimed(view)]));
  // A refresh runs the query; what its columns' types check was checked where the values come from.
  const queryOf = (rows: readonly Address[]): readonly Address[] =>
    rows.filter((row) => catalogOf(row) !== 'pg_class');
  const obstacles: UnsupportedObject[] = [];
  const under = later.map((draft): Draft => {
    const rows = rowsOf.get(draft.partOf ?? '') ?? [];
    const { schemas, found, obstacle } = builtOf(bodies, rows, queryOf(rows));
    if (obstacle !== null) obstacles.push(unsupported(draft.identity, { obstacle, objects: [draft.id] }));
    const text = typeof draft.sql === 'string' ? draft.sql : '';
    return { ...draft, sql: underPath(text, schemas), foundByPath: found };
  });
  return { drafts: under, unsupported: obstacles };
}

async function operatorUsesOf(
  catalog: CatalogSession,
): Promise<ReadonlyMap<Address, readonly OperatorUse[]>> {
  const uses = new Map<Address, OperatorUse[]>();
  for (const { catalog: name, oid, tree } of await catalog.rows<ExpressionRow>(expressionsSql)) {
    const at = address(name, oid);
    uses.set(at, [...(uses.get(at) ?? []), ...operatorUses(tree)]);
  }
  return uses;
}

/** By which operator classes things compare what lies inside of values. */
async function comparedInside(catalog: CatalogSession): Promise<readonly Dependency[]> {
  const rows = await catalog.rows<ComparedRow>(comparedSql);
  return rows.map((row) => ({
    from: address(row.catalog, row.oid),
    to: address('pg_opclass', row.operatorClass),
    type: 'n',
  }));
}

/** Kinds whose statement runs functions, or may when the server plans an expression. */
const runsFunctions: ReadonlySet<ObjectKind> = new Set([
  'table',
  'foreign table',
  'domain',
  'partition attach',
  'check constraint',
  'exclusion constraint',
  'primary key',
  'unique constraint',
  'foreign key',
  'index',
  'statistics',
]);

/**
 * Servers from 17 on build these under a path of their own, and gather statistics so: manual, "CREATE INDEX", "REFRESH
 * MATERIALIZED VIEW", "ANALYZE".
 */
const builtUnderOwnPath: ReadonlySet<ObjectKind> = new Set([
  'exclusion constraint',
  'primary key',
  'unique constraint',
  'index',
  'statistics',
]);

/** The rows from which the functions that a statement runs are reached. Defaults are run for no row that is loaded. */
function startsOf(
  draft: Draft,
  parts: readonly Draft[],
  byId: ReadonlyMap<string, Draft>,
): readonly Address[] {
  if (!runsFunctions.has(draft.kind)) return [];
  // The partition's place among the rows of both tables.
  if (draft.kind === 'partition attach')
    return draft.needs.flatMap((id) => byId.get(id) ?? []).flatMap(claimed);
  return [draft, ...parts.filter(({ kind }) => kind === 'check constraint')].flatMap(claimed);
}

function claimed({ claims }: Draft): readonly Address[] {
  return claims.map((claim) => claim.address);
}

/**
 * What is run for each row that a table takes: its own expressions, its indexes', and those of what it is a part of.
 */
function rowPathsOf(drafts: readonly Draft[], read: ReadPaths): (table: CatalogTable) => readonly string[] {
  const onTable = groupBy(
    drafts.filter(({ kind, partOf }) => partOf !== null && (kind === 'default' || runsFunctions.has(kind))),
    ({ partOf }) => partOf,
  );
  return ({ id }) => {
    const all = [read.byId.get(id) ?? [], read.partsOf.get(id) ?? [], onTable.get(id) ?? []].flat();
    return bodyOf(read.bodies, all.flatMap(claimed), true).schemas;
  };
}

/** A statement under a path; the empty one holds before and after it. */
function underPath(sql: string, schemas: readonly string[]): string {
  if (schemas.length === 0 || sql === '') return sql;
  return withDefinition(sql, (text) => `${setSearchPath(schemas)}\n${text}\n${emptySearchPath}`);
}
