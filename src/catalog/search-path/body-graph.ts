import type { Dependency } from '../dependencies/dependencies.ts';
import type { Address } from '../draft.ts';

/** Which catalog rows are used when an expression runs: those it refers to, and those that these refer to. */
export interface BodyGraph {
  /**
   * The rows one step further; `from` says by which catalog's row this one was reached, null where the way begins,
   * `built` where it begins with something that is built from values which are there.
   */
  readonly next: (row: Address, from: string | null) => readonly Address[];
}

/** The index itself, without its table: no check of a column's domain is run again for values that are there. */
export const built = 'built';

/** What an expression calls or checks values by. */
const called = new Set(['pg_proc', 'pg_operator', 'pg_opclass', 'pg_opfamily', 'pg_type']);
/**
 * Rows that name what they belong to, and are run with it: members of operator classes, checks of domains, queries of
 * views. An operator that sorts or groups stands for its class, whose functions are called.
 */
const partsOf: Readonly<Record<string, readonly string[]>> = {
  pg_amop: ['pg_opclass', 'pg_opfamily', 'pg_operator'],
  pg_amproc: ['pg_opclass', 'pg_opfamily'],
  pg_constraint: ['pg_type'],
  pg_rewrite: ['pg_class'],
};

/** Grows with the dependencies between objects of users. */
export function bodyGraph(dependencies: readonly Dependency[]): BodyGraph {
  const forward = new Map<Address, Address[]>();
  const parts = new Map<Address, Address[]>();
  const put = (map: Map<Address, Address[]>, key: Address, value: Address): void => {
    const values = map.get(key);
    if (values === undefined) map.set(key, [value]);
    else values.push(value);
  };
  for (const { from, to, type } of dependencies) {
    if (type === 'e' || type === 'x') continue;
    const [of, on] = [catalogOf(from), catalogOf(to)];
    if (called.has(on) || on === 'pg_class') put(forward, from, to);
    const isQuery = of !== 'pg_rewrite' || type === 'i';
    if (isQuery && (partsOf[of] ?? []).includes(on)) put(parts, to, from);
  }
  const next = (row: Address, from: string | null): readonly Address[] => {
    const own = catalogOf(row);
    const ahead = forward.get(row) ?? [];
    if (own !== 'pg_class' || from === built) {
      // A table that is read runs nothing; a view does. Other rows only say whose they are.
      const reads = own === 'pg_rewrite' || own === 'pg_proc' || own === 'pg_type';
      return [...ahead.filter((to) => reads || catalogOf(to) !== 'pg_class'), ...(parts.get(row) ?? [])];
    }
    if (from === 'pg_type') return ahead.filter((to) => catalogOf(to) === 'pg_type');
    if (from !== null && from !== 'pg_class') return parts.get(row) ?? [];
    return ahead;
  };
  return { next };
}

export function catalogOf(row: Address): string {
  return row.slice(0, row.indexOf(':'));
}
