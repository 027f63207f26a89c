import { sqlFile } from '../../lib/sql-file.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { displayName, displayQualified } from '../display-name.ts';
import { address } from '../draft.ts';
import type { Address } from '../draft.ts';
import type { FoundByPath } from '../model.ts';
import { groupBy } from '../group-by.ts';
import { bodyReferences } from './body-references.ts';
import type { BodyReference } from './body-references.ts';
import { built, catalogOf } from './body-graph.ts';
import type { BodyGraph } from './body-graph.ts';
import { Names } from './names.ts';
import type { Holder, NamedRow, RoutineRow } from './names.ts';
import { SearchOrder } from './search-order.ts';
import type { PathRow } from './search-order.ts';

const bodiesSql = sqlFile(import.meta.url, './bodies.sql');
const foundByNameSql = sqlFile(import.meta.url, './found-by-name.sql');
const defaultPathsSql = sqlFile(import.meta.url, './default-paths.sql');

/** What the functions that a statement runs need from the search path. */
export interface BodyPath {
  readonly schemas: readonly string[];
  readonly found: readonly FoundByPath[];
  /** Words that follow the object's identity: a name whose meaning cannot be told from the source's path. */
  readonly obstacle: string | null;
}

export const noBodyPath: BodyPath = { schemas: [], found: [], obstacle: null };

export interface BodyPathsInput {
  readonly graph: BodyGraph;
  /** Everything that `pathOf` will be asked about. */
  readonly starts: readonly Address[];
  /** Of the application’s tables. */
  readonly schema: string;
}

/** What is known of one routine's body. */
interface Body {
  readonly schemas: readonly string[];
  readonly found: readonly FoundByPath[];
  readonly obstacles: readonly string[];
  /** Schemas whose things are meant unless something of PostgreSQL's own is; `doubt` says which, as an obstacle. */
  readonly assumed: readonly { readonly schema: string; readonly doubt: string }[];
  readonly next: readonly Address[];
}

/**
 * Bodies of functions are text, and their plain names find what the search path of their caller leads to: for rows
 * that people wrote, the default one of their sessions. What runs functions while a database is made (an index, a
 * check, a generated column, a refresh) gets a path that finds the same: of the schemas in which the names are, those
 * that the default path reaches, in its order. A name that it does not reach is looked for in the application's own
 * schema, then where the paths of roles agree, and is found where only one schema has it; else the object is named.
 * Functions with a `search_path` of their own, and bodies that the server has parsed, need none.
 */
export class BodyPaths {
  readonly #graph: BodyGraph;
  readonly #names: Names;
  readonly #order: SearchOrder;
  readonly #bodies = new Map<Address, Body>();

  private constructor(graph: BodyGraph, names: Names, order: SearchOrder) {
    this.#graph = graph;
    this.#names = names;
    this.#order = order;
  }

  /**
   * Null where nothing that begins at `starts` runs a function of users. Three queries, the last two only where there
   * are bodies to read; memory grows with the text of these bodies and with the number of names.
   */
  static async read(
    catalog: CatalogSession,
    { graph, starts, schema }: BodyPathsInput,
  ): Promise<BodyPaths | null> {
    const reached = reach(graph, starts);
    if (!reached.some((row) => catalogOf(row) === 'pg_proc')) return null;
    const routines = await catalog.rows<RoutineRow>(bodiesSql);
    const open = new Set(
      routines
        .filter(({ body, setsPath }) => body !== 'none' && !setsPath)
        .map(({ oid }) => address('pg_proc', oid)),
    );
    if (!reached.some((row) => open.has(row))) return null;
    const [named, paths] = await Promise.all([
      catalog.rows<NamedRow>(foundByNameSql),
      catalog.rows<PathRow>(defaultPathsSql),
    ]);
    const names = new Names(routines, named);
    return new BodyPaths(graph, names, new SearchOrder(paths, names.schemas, schema));
  }

  /**
   * `proved`: what comes out is compared with the source, so that a name which could also be one of PostgreSQL's own
   * may be taken for what the types at hand say. `ofValues`: it is built from values that are there.
   */
  pathOf(
    starts: readonly Address[],
    { proved, ofValues = false }: { readonly proved: boolean; readonly ofValues?: boolean },
  ): BodyPath {
    const schemas = new Set<string>();
    const found = new Map<string, FoundByPath>();
    const obstacles = new Set<string>();
    const next = (at: Address): readonly Address[] => this.#body(at)?.next ?? [];
    for (const row of reach(this.#graph, starts, next, ofValues ? built : null)) {
      const body = this.#body(row);
      for (const schema of body?.schemas ?? []) schemas.add(schema);
      for (const one of body?.found ?? []) found.set(JSON.stringify(one), one);
      for (const obstacle of body?.obstacles ?? []) obstacles.add(obstacle);
      for (const { schema, doubt } of body?.assumed ?? []) {
        if (proved) schemas.add(schema);
        else obstacles.add(doubt);
      }
    }
    const [obstacle = null] = [...obstacles].sort();
    return {
      schemas: this.#order.inOrder(schemas),
      found: [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one),
      obstacle,
    };
  }

  /**
   * A definition is read under its functions' path too. Where schemas come before pg_catalog there, what it writes
   * without a schema could be theirs: words that follow the object's identity.
   */
  hiding(sql: string, schemas: readonly string[]): string | null {
    const first = schemas.slice(0, Math.max(schemas.indexOf('pg_catalog'), 0));
    if (first.length === 0) return null;
    for (const { schema, name, kinds } of bodyReferences(sql).references) {
      if (schema !== null) continue;
      const holders = kinds.flatMap((kind) => this.#names.holders(kind, name));
      const hidden = holders.find((holder) => holder.builtIn && first.includes(holder.schema));
      if (hidden === undefined) continue;
      const own = `${displayName(hidden.schema)}.${kinds[0] === 'operator' ? name : displayName(name)}`;
      const remedy = 'ALTER ROUTINE … SET search_path = … on these functions says what they mean';
      const before = `whose functions need ${displayName(hidden.schema)} before pg_catalog on the search path`;
      return `${before}, so that its ${name} would be ${own} (${remedy})`;
    }
    return null;
  }

  #body(row: Address): Body | null {
    const known = this.#bodies.get(row);
    if (known !== undefined) return known;
    const routine = this.#names.routine(row);
    if (routine === null || routine.body === 'none' || routine.setsPath) return null;
    const body = this.#read(routine);
    this.#bodies.set(row, body);
    return body;
  }

  #read(routine: RoutineRow): Body {
    const signature = `${displayQualified(routine.schema, routine.name)}(${routine.argumentTypes})`;
    const unknown = { routine: signature, name: null, builtIn: false };
    if (routine.body === 'unknown')
      return { schemas: this.#order.reached, found: [unknown], obstacles: [], assumed: [], next: [] };
    const { references, dynamic } = bodyReferences(routine.source, routine.argumentNames);
    const inSight = this.#names.typesInSight(routine, references);
    const schemas = new Set<string>(dynamic ? this.#order.reached : []);
    const found = new Map<string, FoundByPath>();
    const obstacles: string[] = [];
    const assumed: Body['assumed'][number][] = [];
    const next: Address[] = [];
    for (const reference of references) {
      for (const holders of this.#alike(reference, inSight)) {
        const meant = this.#meant(reference, holders);
        if (meant === 'unclear') {
          const doubt = unclear(signature, reference, holders);
          const [schema = '', ...others] = new Set(holders.map((holder) => holder.schema));
          if (others.length > 0 || !holders.some(({ builtIn }) => builtIn)) obstacles.push(doubt);
          else {
            assumed.push({ schema, doubt });
            next.push(...holders.map((holder) => holder.address));
          }
          continue;
        }
        for (const holder of meant) {
          next.push(holder.address);
          if (reference.schema !== null) continue;
          schemas.add(holder.schema);
          if (!reference.sure || (holder.builtIn && !holder.ofUsersTypes)) continue;
          const name = displayQualified(holder.schema, reference.name);
          found.set(name, { routine: signature, name, builtIn: holder.builtIn });
        }
      }
    }
    return {
      schemas: [...schemas],
      found: [...found.values(), ...(dynamic ? [unknown] : [])],
      obstacles,
      assumed,
      next,
    };
  }

  /**
   * What a name could mean, together what differs in nothing but its schema: of several arguments each stands for
   * itself.
   */
  #alike(
    reference: BodyReference,
    inSight: (holder: Holder, reference: BodyReference) => boolean,
  ): readonly (readonly Holder[])[] {
    const { kinds, name } = reference;
    return kinds.flatMap((kind) => [
      ...groupBy(
        this.#names.holders(kind, name).filter((holder) => inSight(holder, reference)),
        (holder) => holder.arguments.join(),
      ).values(),
    ]);
  }

  /** What a name finds; `unclear` where that is more than anybody can tell, and only a name can stand there. */
  #meant(reference: BodyReference, holders: readonly Holder[]): readonly Holder[] | 'unclear' {
    if (reference.schema !== null) return holders.filter(({ schema }) => schema === reference.schema);
    if (holders.length === 0) return [];
    const reached = this.#order.reachedOf(holders.map(({ schema }) => schema));
    if (reached.length > 0) return holders.filter(({ schema }) => reached.includes(schema));
    const [first, ...others] = new Set(holders.map(({ schema }) => schema));
    const builtIn = holders.some((holder) => holder.builtIn);
    if (!builtIn && others.length === 0) return holders.filter(({ schema }) => schema === first);
    const isOpen = !builtIn || holders.some(({ ofUsersTypes }) => ofUsersTypes);
    return reference.sure && isOpen ? 'unclear' : [];
  }
}

function unclear(signature: string, { name, kinds }: BodyReference, holders: readonly Holder[]): string {
  const schemas = [...new Set(holders.map(({ schema }) => displayName(schema)))].sort();
  const builtIn = holders.some((holder) => holder.builtIn) ? ['PostgreSQL itself'] : [];
  const what = kinds[0] === 'operator' ? `operator ${name}` : displayName(name);
  return (
    `whose function ${signature} uses ${what} by its plain name, which ` +
    `${[...builtIn, ...schemas].join(' and ')} ${builtIn.length + schemas.length > 1 ? 'have' : 'has'}; ` +
    'which one is meant depends on the caller (ALTER ROUTINE … SET search_path = … fixes it)'
  );
}

/** Everything that is run from these rows on; `more` adds what bodies lead to, `begin` says what they are. */
function reach(
  graph: BodyGraph,
  starts: readonly Address[],
  more: (row: Address) => readonly Address[] = () => [],
  begin: typeof built | null = null,
): readonly Address[] {
  const reached = new Set<Address>();
  const first = new Set(starts);
  const open: { readonly row: Address; readonly from: string | null }[] = starts.map((row) => ({
    row,
    from: null,
  }));
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (reached.has(at.row)) continue;
    reached.add(at.row);
    const from = catalogOf(at.row);
    for (const row of [...graph.next(at.row, first.has(at.row) ? begin : at.from), ...more(at.row)])
      open.push({ row, from });
  }
  return [...reached];
}
