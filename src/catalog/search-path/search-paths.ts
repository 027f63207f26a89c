import { sqlFile } from '../../lib/sql-file.ts';
import { quoteLiteral } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { displayName } from '../display-name.ts';
import { address } from '../draft.ts';
import type { Address, Draft, IsSeparate } from '../draft.ts';
import { groupBy } from '../group-by.ts';
import { withDefinition } from '../extensions/guarded.ts';
import type { UnsupportedObject } from '../model.ts';
import { unsupported } from '../unsupported/unsupported.ts';
import { operatorUses } from './operator-uses.ts';
import type { OperatorUse } from './operator-uses.ts';

const expressionsSql = sqlFile(import.meta.url, './expressions.sql');
const operatorsSql = sqlFile(import.meta.url, './operators.sql');

interface ExpressionRow {
  readonly catalog: string;
  readonly oid: number;
  readonly tree: string;
}

interface OperatorRow {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  /** OIDs; 0 for none. */
  readonly left: number;
  readonly right: number;
  readonly leftType: string | null;
  readonly rightType: string | null;
}

export interface WithSearchPaths {
  readonly drafts: readonly Draft[];
  readonly unsupported: readonly UnsupportedObject[];
}

const builtIn = 'pg_catalog';

/**
 * Definitions are written under an empty `search_path`, with every name in full, and where the grammar has no place for the
 * schema of an operator (operator-uses.ts) the text alone would find another operator, or none. Such a statement gets the
 * path under which each of these names finds what the source found; and the operators become part of what is compared.
 * Where no path does, or a row comparison writes one schema for operators of two, the object is named.
 *
 * Two queries, the second only where there are such expressions; memory grows with these expressions' text.
 */
export async function withSearchPaths(
  catalog: CatalogSession,
  drafts: readonly Draft[],
): Promise<WithSearchPaths> {
  const rows = await catalog.rows<ExpressionRow>(expressionsSql);
  if (rows.length === 0) return { drafts, unsupported: [] };
  const uses = new Map<Address, OperatorUse[]>();
  for (const { catalog: name, oid, tree } of rows) {
    const at = address(name, oid);
    uses.set(at, [...(uses.get(at) ?? []), ...operatorUses(tree)]);
  }
  const named = new Set([...uses.values()].flat().map(({ operator }) => operator));
  const operators = new Operators(await catalog.rows<OperatorRow>(operatorsSql, [[...named]]));
  const usesOf = new Map(
    drafts.map((draft) => [draft.id, draft.claims.flatMap((claim) => uses.get(claim.address) ?? [])]),
  );
  const partsOf = new Map<string, Draft[]>();
  for (const draft of drafts) {
    if (draft.inlineIn === null || (usesOf.get(draft.id) ?? []).length === 0) continue;
    partsOf.set(draft.inlineIn, [...(partsOf.get(draft.inlineIn) ?? []), draft]);
  }
  const found: UnsupportedObject[] = [];
  const changed = drafts.map((draft): Draft => {
    const own = usesOf.get(draft.id) ?? [];
    const parts = (partsOf.get(draft.id) ?? []).toSorted((a, b) => (a.identity < b.identity ? -1 : 1));
    if (own.length + parts.length === 0 || draft.sql === '') return draft;
    const usesIn = (isSeparate: IsSeparate): readonly OperatorUse[] => [
      ...own,
      ...parts.filter(({ id }) => !isSeparate(id)).flatMap(({ id }) => usesOf.get(id) ?? []),
    ];
    const { obstacle } = operators.path(usesIn(() => false));
    // A part is named as what holds it.
    if (obstacle !== null && draft.inlineIn === null)
      found.push(unsupported(draft.identity, { obstacle, objects: [draft.id] }));
    return {
      ...draft,
      sql: (isSeparate) => {
        const text = typeof draft.sql === 'string' ? draft.sql : draft.sql(isSeparate);
        return underPath(text, operators.path(usesIn(isSeparate)).schemas);
      },
      resolved: (isSeparate) => operators.names(usesIn(isSeparate)),
    };
  });
  return { drafts: changed, unsupported: found };
}

/** A statement under a path; the empty one holds before and after it. */
function underPath(sql: string, schemas: readonly string[]): string {
  if (schemas.length === 0 || sql === '') return sql;
  return withDefinition(
    sql,
    (text) => `SET search_path TO ${schemas.map(quoteLiteral).join(', ')};\n${text}\nSET search_path TO '';`,
  );
}

interface Path {
  /** Besides pg_catalog, which comes first. Empty: nothing is looked for by name, or only there. */
  readonly schemas: readonly string[];
  readonly obstacle: string | null;
}

class Operators {
  readonly #byOid: ReadonlyMap<number, OperatorRow>;
  readonly #byName = new Map<string, OperatorRow[]>();

  constructor(rows: readonly OperatorRow[]) {
    this.#byOid = new Map(rows.map((row) => [row.oid, row]));
    for (const row of rows) this.#byName.set(row.name, [...(this.#byName.get(row.name) ?? []), row]);
  }

  names(uses: readonly OperatorUse[]): readonly string[] {
    return uses.map(({ operator }) => this.#signature(operator));
  }

  path(uses: readonly OperatorUse[]): Path {
    const rows = [
      ...groupBy(
        uses.filter(({ row }) => row !== null),
        ({ row }) => row,
      ).values(),
    ];
    const mixed = rows.find((row) => !this.#isOfOneSchema(row));
    if (mixed !== undefined) {
      const all = [...new Set(this.names(mixed))].join(' and ');
      return {
        schemas: [],
        obstacle: `which compares rows by operators of several schemas under one name (${all}; compare column by column)`,
      };
    }
    const byName = [
      ...uses.filter((use) => use.byName),
      // The first one's name is written for all: without a schema where pg_catalog has it.
      ...rows.filter(([first]) => this.#schema(first) === builtIn).flat(),
    ];
    const schemas = [...new Set(byName.map((use) => this.#schema(use)))]
      .filter((name) => name !== builtIn)
      .sort();
    const clashes = orders(schemas).map((order) => ({ order, clash: this.#clash(byName, order) }));
    const right = clashes.find(({ clash }) => clash === null);
    if (right !== undefined) return { schemas: right.order, obstacle: null };
    const [found, other] = clashes[0]?.clash ?? [];
    return {
      schemas,
      obstacle: `which uses operator ${this.#signature(found?.oid ?? 0)} by its plain name, where operator ${this.#signature(other?.oid ?? 0)} would be found instead (write it as OPERATOR(schema.name))`,
    };
  }

  /** An operator that would be found under the path in the place of the one that is meant. */
  #clash(
    uses: readonly OperatorUse[],
    schemas: readonly string[],
  ): readonly [OperatorRow, OperatorRow] | null {
    const order = [builtIn, ...schemas];
    if (schemas.length === 0) return null;
    for (const { operator, types } of uses) {
      const meant = this.#byOid.get(operator);
      if (meant === undefined) continue;
      const isExact = meant.left === types[0] && meant.right === types[1];
      const other = (this.#byName.get(meant.name) ?? []).find((row) => {
        if (row === meant || !order.includes(row.schema)) return false;
        const isEarlier = order.indexOf(row.schema) < order.indexOf(meant.schema);
        const isSame = row.left === meant.left && row.right === meant.right;
        const fitsBetter = !isExact && row.left === types[0] && row.right === types[1];
        return (isSame && isEarlier) || fitsBetter;
      });
      if (other !== undefined) return [meant, other];
    }
    return null;
  }

  /** One whose name is written with its schema cannot stand for another schema's. */
  #isOfOneSchema([first, ...others]: readonly OperatorUse[]): boolean {
    const schema = this.#schema(first);
    return schema === builtIn || others.every((use) => this.#schema(use) === schema);
  }

  #schema(use: OperatorUse | undefined): string {
    return this.#byOid.get(use?.operator ?? 0)?.schema ?? builtIn;
  }

  #signature(oid: number): string {
    const row = this.#byOid.get(oid);
    if (row === undefined) return String(oid);
    const types = [row.leftType ?? 'NONE', row.rightType ?? 'NONE'].join(',');
    return `${displayName(row.schema)}.${row.name}(${types})`;
  }
}

/** All orders of a few names; more than five stay in theirs. */
function orders(names: readonly string[]): readonly (readonly string[])[] {
  if (names.length < 2 || names.length > 5) return [names];
  return names.flatMap((name) =>
    orders(names.filter((other) => other !== name)).map((rest) => [name, ...rest]),
  );
}
