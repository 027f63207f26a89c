import { isMappable, mapRoles } from '../../catalog/map-roles.ts';
import type { RoleMap } from '../../catalog/map-roles.ts';
import type { CatalogModel } from '../../catalog/model.ts';
import { sqlFile } from '../../lib/sql-file.ts';
import { needingMissing } from '../../plan/missing.ts';
import type { There } from '../../plan/missing.ts';
import type { SchemaNames } from '../../plan/schema-names.ts';
import type { OpenSource } from '../source/open-source.ts';

const whatThereIsSql = sqlFile(import.meta.url, './what-there-is.sql');

/** Identities of objects of the left that the right could not have (`leaveOut: [missing]`). */
export async function needingWhatIsMissing(
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
): Promise<readonly string[]> {
  const [row] = await right.leader.query<{
    readonly roles: There['roles'];
    readonly available: There['available'] | null;
  }>(whatThereIsSql, [], options);
  const there: There = {
    roles: row?.roles ?? [],
    available: row?.available ?? [],
    restriction: right.model.restriction,
  };
  const mapped = left.objects.map((object) => (isMappable(object) ? mapRoles(object, roles) : object));
  return needingMissing(mapped, there, names);
}
