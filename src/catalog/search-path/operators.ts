import { displayName } from '../display-name.ts';
import { groupBy } from '../group-by.ts';
import type { OperatorUse } from './operator-uses.ts';

export interface OperatorRow {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  /** OIDs; 0 for none. */
  readonly left: number;
  readonly right: number;
  readonly leftType: string | null;
  readonly rightType: string | null;
}

const builtIn = 'pg_catalog';

export interface OperatorPath {
  /** Besides pg_catalog, which comes first. Empty: nothing is looked for by name, or only there. */
  readonly schemas: readonly string[];
  readonly obstacle: string | null;
}

/** Operators that expressions name, and the paths under which their plain names find them. */
export class Operators {
  readonly #byOid: ReadonlyMap<number, OperatorRow>;
  readonly #byName = new Map<string, OperatorRow[]>();

  constructor(rows: readonly OperatorRow[]) {
    this.#byOid = new Map(rows.map((row) => [row.oid, row]));
    for (const row of rows) this.#byName.set(row.name, [...(this.#byName.get(row.name) ?? []), row]);
  }

  names(uses: readonly OperatorUse[]): readonly string[] {
    return uses.map(({ operator }) => this.#signature(operator));
  }

  /** `others`: schemas that must be on the path as well, in their order, before those of operators. */
  path(uses: readonly OperatorUse[], others: readonly string[] = []): OperatorPath {
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
        obstacle:
          'which compares rows by operators of several schemas under one name ' +
          `(${all}; compare column by column)`,
      };
    }
    const byName = [
      // Those of pg_catalog are written without it, and could be others under a longer path.
      ...uses.filter((use) => use.byName || this.#schema(use) === builtIn),
      // The first one's name is written for all: without a schema where pg_catalog has it.
      ...rows.filter(([first]) => this.#schema(first) === builtIn).flat(),
    ];
    const schemas = [...new Set(byName.map((use) => this.#schema(use)))]
      .filter((name) => name !== builtIn && !others.includes(name))
      .sort();
    const clashes = orders(schemas).map((rest) => {
      const order = [...others, ...rest];
      return { order, clash: this.#clash(byName, order) };
    });
    const right = clashes.find(({ clash }) => clash === null);
    if (right !== undefined) return { schemas: right.order, obstacle: null };
    const [found, other] = clashes[0]?.clash ?? [];
    return {
      schemas: [...others, ...schemas],
      obstacle:
        `which uses operator ${this.#signature(found?.oid ?? 0)} by its plain name, where operator ` +
        `${this.#signature(other?.oid ?? 0)} would be found instead (write it as OPERATOR(schema.name))`,
    };
  }

  /** An operator that would be found under the path in the place of the one that is meant. */
  #clash(
    uses: readonly OperatorUse[],
    schemas: readonly string[],
  ): readonly [OperatorRow, OperatorRow] | null {
    const order = schemas.includes(builtIn) ? schemas : [builtIn, ...schemas];
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
