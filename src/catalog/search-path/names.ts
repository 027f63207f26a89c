import { address } from '../draft.ts';
import type { Address } from '../draft.ts';
import type { BodyReference, NamedKind } from './body-references.ts';
import type { Operand } from './operands.ts';

export interface RoutineRow {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly argumentTypes: string;
  readonly setsPath: boolean;
  /** `none`: nothing in it is looked for by name; `unknown`: a language that is not read here. */
  readonly body: 'none' | 'text' | 'unknown';
  readonly source: string;
  /** OIDs of all types in its signature. */
  readonly types: readonly number[];
  readonly arguments: readonly number[];
  readonly result: number;
  /** Of all arguments, with their types beside. */
  readonly argumentNames: readonly string[];
  readonly namedTypes: readonly number[];
  /** May be called like a field of its argument. */
  readonly ofRow: boolean;
  readonly anyType: boolean;
  readonly builtIn: boolean;
}

export interface NamedRow {
  readonly kind: NamedKind;
  readonly catalog: string;
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  /** OID of the array type over it, or 0. */
  readonly arrayType: number;
  /** Of a relation its columns', of a type what it is made of, of an operator its arguments'. */
  readonly types: readonly number[];
  /** pg_catalog has one of this name too. */
  readonly builtIn: boolean;
}

/** Something that a plain name may find. */
export interface Holder {
  readonly address: Address;
  readonly schema: string;
  readonly builtIn: boolean;
  /** Takes arguments of types that users or extensions have made: nothing of PostgreSQL's fits them as well. */
  readonly ofUsersTypes: boolean;
  readonly arguments: readonly number[];
  /** Types that come with it, for a body that mentions it. */
  readonly types: readonly number[];
}

/** OIDs below are PostgreSQL's own. */
const firstOfUsers = 16_384;

/** Everything outside pg_catalog that has a name. */
export class Names {
  readonly #routines = new Map<Address, RoutineRow>();
  readonly #holders = new Map<string, Holder[]>();
  readonly #madeOf = new Map<number, readonly number[]>();

  constructor(routines: readonly RoutineRow[], named: readonly NamedRow[]) {
    for (const row of routines) {
      this.#routines.set(address('pg_proc', row.oid), row);
      if (/^pg_|^information_schema$/.test(row.schema)) continue;
      const holder = {
        ...row,
        address: address('pg_proc', row.oid),
        ofUsersTypes: hasUsers(row.arguments),
      };
      this.#put('routine', row.name, holder);
      if (row.ofRow) this.#put('field', row.name, holder);
    }
    for (const row of named) {
      const { kind, name, types } = row;
      const isOperator = kind === 'operator';
      this.#put(kind, name, {
        ...row,
        address: address(row.catalog, row.oid),
        arguments: isOperator ? types : [],
        types: kind === 'type' ? [row.oid] : types,
        ofUsersTypes: isOperator && hasUsers(types),
      });
      if (kind !== 'type') continue;
      this.#madeOf.set(row.oid, types);
      if (row.arrayType !== 0) this.#madeOf.set(row.arrayType, [row.oid]);
    }
  }

  get schemas(): ReadonlySet<string> {
    return new Set([...this.#holders.values()].flat().map(({ schema }) => schema));
  }

  routine(row: Address): RoutineRow | null {
    return this.#routines.get(row) ?? null;
  }

  holders(kind: NamedKind, name: string): readonly Holder[] {
    return this.#holders.get(`${kind}:${name}`) ?? [];
  }

  /**
   * Whether something that PostgreSQL has under the same name could be meant in a body: its arguments' types occur in
   * what the body is about, its signature and everything it mentions.
   */
  typesInSight(
    routine: RoutineRow,
    references: readonly BodyReference[],
  ): (holder: Holder, reference: BodyReference) => boolean {
    const open = [
      ...routine.types,
      ...references.flatMap(({ kinds, name }) =>
        kinds
          // A field of this name is what it looks like.
          .filter((kind) => kind !== 'operator' && kind !== 'field')
          .flatMap((kind) => this.holders(kind, name))
          // What shares a name with PostgreSQL's own is mentioned by it only where its arguments come from elsewhere.
          .filter(({ builtIn, ofUsersTypes }) => !builtIn || !ofUsersTypes)
          .flatMap(({ types }) => types),
      ),
    ];
    const seen = this.#partsOf(open);
    return (holder, { operands }) =>
      !holder.builtIn ||
      routine.anyType ||
      (holder.arguments.every((type) => type < firstOfUsers || seen.has(type)) &&
        (operands.length === 0 || operands.some((sides) => this.#fits(routine, holder, sides))));
  }

  /** Whether the operator's arguments may stand on these sides; a type of PostgreSQL's own fits everywhere. */
  #fits(routine: RoutineRow, holder: Holder, sides: BodyReference['operands'][number]): boolean {
    return holder.arguments.every((type, at) => {
      const side = sides[at] ?? 'any';
      if (type < firstOfUsers || side === 'any') return true;
      if (side === 'own') return false;
      // A row's field is not of the row's own type.
      if (side === 'field') return !routine.arguments.includes(type);
      const given = this.#typesOf(routine, side);
      return given === null || this.#partsOf(given).has(type);
    });
  }

  /** Null for what may be anything. */
  #typesOf(routine: RoutineRow, side: Exclude<Operand, string>): readonly number[] | null {
    // A type of PostgreSQL's own has none of these names.
    if ('type' in side) return this.holders('type', side.type).flatMap(({ types }) => types);
    if ('call' in side) {
      const routines = this.holders('routine', side.call).flatMap(
        (holder) => this.#routines.get(holder.address) ?? [],
      );
      const isOpen = routines.length === 0 || routines.some(({ anyType }) => anyType);
      return isOpen ? null : routines.map(({ result }) => result);
    }
    const type =
      typeof side.argument === 'number'
        ? routine.arguments[side.argument - 1]
        : routine.namedTypes[routine.argumentNames.indexOf(side.argument)];
    return type === undefined ? null : [type];
  }

  /** Types, and what they are made of: of a domain its base, of an array its elements', of a row its columns'. */
  #partsOf(types: readonly number[]): ReadonlySet<number> {
    const open = [...types];
    const parts = new Set<number>();
    for (let type = open.pop(); type !== undefined; type = open.pop()) {
      if (parts.has(type)) continue;
      parts.add(type);
      open.push(...(this.#madeOf.get(type) ?? []));
    }
    return parts;
  }

  #put(kind: NamedKind, name: string, holder: Holder): void {
    const key = `${kind}:${name}`;
    const holders = this.#holders.get(key);
    if (holders === undefined) this.#holders.set(key, [holder]);
    else holders.push(holder);
  }
}

function hasUsers(types: readonly number[]): boolean {
  return types.some((type) => type >= firstOfUsers);
}
