import type { CatalogSession } from '../catalog-session.ts';
import type { Draft } from '../draft.ts';

export async function readTextSearchDictionaries(_catalog: CatalogSession): Promise<readonly Draft[]> {
  return [];
}
