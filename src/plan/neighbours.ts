import type { Neighbour, Reference } from '../catalog/model.ts';
import { tableName } from '../lib/table-name.ts';
import { idFromTarget } from './from-target.ts';
import { placed } from './row-places.ts';
import type { Place } from './row-places.ts';
import { onOtherEnd } from './schema-names.ts';
import type { SchemaNames } from './schema-names.ts';

export interface Named {
  readonly schema: string | null;
  readonly name: string;
}

/**
 * Tables outside the schemas of a run that keys lead to, or come from. A plan calls them as it calls what comes from
 * the target.
 */
export class Neighbours {
  readonly places: ReadonlyMap<string, Place>;
  readonly #byName: ReadonlyMap<string, string>;
  readonly #neighbours: readonly Neighbour[];
  readonly #ids: ReadonlySet<string>;
  readonly #names: SchemaNames | null;

  constructor(neighbours: readonly Neighbour[], names: SchemaNames | null) {
    this.#neighbours = neighbours;
    this.#names = names;
    this.#ids = new Set(neighbours.map(({ id }) => idFromTarget(id)));
    this.#byName = new Map(neighbours.map((one) => [tableName(one), idFromTarget(one.id)]));
    this.places = new Map(
      neighbours.flatMap(({ id, rows }) =>
        rows === null
          ? []
          : [[idFromTarget(id), { keyColumns: rows.keyColumns, rows: placed('target', rows) }]],
      ),
    );
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  named(by: 'planned' | 'live'): readonly (readonly [string, Named])[] {
    return this.#neighbours.map((one) => [by === 'live' ? one.id : idFromTarget(one.id), one]);
  }

  /** The same object; a key of the source that leads outside leads to the target's table. */
  lead<T extends { readonly reference?: Reference | undefined }>(object: T): T {
    const { reference } = object;
    if (reference?.outside === undefined) return object;
    const there = this.#byName.get(tableName(onOtherEnd(this.#names, reference.outside)));
    return there === undefined ? object : { ...object, reference: { ...reference, referenced: there } };
  }
}
