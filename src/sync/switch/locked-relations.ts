import type { CatalogModel } from '../../catalog/model.ts';
import type { CallOptions, Queryable } from '../../postgres/session.ts';
import type { LockedRelation } from '../kept/lock-statements.ts';
import { presentRelations } from '../kept/locked-tables.ts';
import type { Parting } from './parting.ts';

/**
 * What a switch locks: all that moves, and of the tables that stay, and of those outside, the ones whose keys,
 * triggers or policies are dropped and made again.
 */
export async function lockedRelations(
  session: Queryable,
  { objects, restriction }: CatalogModel,
  { dropped }: Parting,
  { schemas, staying }: { readonly schemas: readonly string[]; readonly staying: ReadonlySet<string> },
  options: CallOptions,
): Promise<readonly LockedRelation[]> {
  const touched = new Set(
    dropped.flatMap(({ partOf, reference, locks }) => [
      ...(partOf === null ? [] : [partOf]),
      ...(reference === undefined ? [] : [reference.table, reference.referenced]),
      ...locks.map(({ table }) => table),
    ]),
  );
  const tables = new Set(objects.filter(({ kind }) => kind === 'table').map(({ id }) => id));
  return presentRelations(
    session,
    {
      schemas: { source: schemas, target: schemas },
      beside: new Set(restriction?.beside ?? []),
      fromTarget: new Set(dropped.map(({ id }) => id)),
      staying: new Set([...staying].filter((id) => !tables.has(id) || !touched.has(id))),
    },
    options,
  );
}
