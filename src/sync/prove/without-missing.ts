import type { RoleMap } from '../../catalog/map-roles.ts';
import type { CatalogModel } from '../../catalog/model.ts';
import { sqlFile } from '../../lib/sql-file.ts';
import { withoutMissing } from '../../plan/missing.ts';
import type { There, WithoutMissing } from '../../plan/missing.ts';
import type { SchemaNames } from '../../plan/schema-names.ts';
import type { OpenSource } from '../source/open-source.ts';

const whatThereIsSql = sqlFile(import.meta.url, './what-there-is.sql');

/** The left's objects that the right could have, and what is left out of them (`leaveOut: [missing]`). */
export async function withoutWhatIsMissing(
  left: CatalogModel,
  {
    right,
    names,
    roles,
  }: {
    readonly right: Pick<OpenSource, 'leader' | 'model'>;
    readonly names: SchemaNames | null;
    readonly roles: RoleMap;
  },
  options: { readonly signal: AbortSignal },
): Promise<WithoutMissing<CatalogModel['objects'][number]>> {
  const [row] = await right.leader.query<{
    readonly roles: There['roles'];
    readonly available: There['available'] | null;
  }>(whatThereIsSql, [], options);
  const there: There = {
    roles: row?.roles ?? [],
    available: row?.available ?? [],
    restriction: right.model.restriction,
    standIns: roles,
  };
  return withoutMissing(left.objects, there, names);
}
