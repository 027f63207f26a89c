import { sqlFile } from '../../lib/sql-file.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { displayName } from '../display-name.ts';
import { draft } from '../draft.ts';
import type { Draft } from '../draft.ts';
import type { CatalogModel } from '../model.ts';
import { ownerId } from '../owners/owners.ts';

const totalsSql = sqlFile(import.meta.url, './totals.sql');
const rolesSql = sqlFile(import.meta.url, './roles.sql');

export interface LargeObjects {
  readonly totals: CatalogModel['largeObjects'];
  readonly drafts: readonly Draft[];
}

/** Id of the one object that stands for all of them. */
export const largeObjectsId = 'large objects';
const root = largeObjectsId;
/** An object without any text would be none. */
const said = '-- Large objects stand beside the rows, with their owners and grants.';

/** Whether an object of a model stands for large objects, or for who owns and may use them. */
export function isOfLargeObjects({
  id,
  partOf,
}: {
  readonly id: string;
  readonly partOf: string | null;
}): boolean {
  return id === root || partOf === root;
}

/**
 * Large objects are data: src/sync/large-objects reads, writes and compares them. Here they are one object without a
 * statement, with the roles that it takes to have them as they are.
 */
export async function readLargeObjects(catalog: CatalogSession): Promise<LargeObjects> {
  const [totals = { count: 0, bytes: 0 }] = await catalog.rows<CatalogModel['largeObjects']>(totalsSql);
  if (totals.count === 0) return { totals, drafts: [] };
  const roles = await catalog.rows<{ role: string; owns: boolean }>(rolesSql);
  const granted = roles.filter(({ owns }) => !owns).map(({ role }) => role);
  const part = { section: 'post-data', sql: said, dropSql: null, partOf: root, needs: [root] } as const;
  return {
    totals,
    drafts: [
      draft({
        id: root,
        kind: 'large objects',
        name: root,
        identity: root,
        section: 'pre-data',
        sql: said,
        dropSql:
          'SELECT pg_catalog.count(pg_catalog.lo_unlink(m.oid)) FROM pg_catalog.pg_largeobject_metadata AS m;',
      }),
      ...roles
        .filter(({ owns }) => owns)
        .map(({ role }) =>
          draft({
            ...part,
            id: ownerId(`${root}:${role}`),
            kind: 'owner',
            name: role,
            identity: `owner of large objects, ${displayName(role)}`,
            roles: [role],
          }),
        ),
      ...(granted.length === 0
        ? []
        : [
            draft({
              ...part,
              id: `privileges:${root}`,
              kind: 'privileges',
              name: root,
              identity: 'privileges on large objects',
              roles: granted,
            }),
          ]),
    ],
  };
}
