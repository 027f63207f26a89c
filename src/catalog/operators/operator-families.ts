import type { CatalogSession } from '../catalog-session.ts';
import type { Draft } from '../draft.ts';

export async function readOperatorFamilies(_catalog: CatalogSession): Promise<readonly Draft[]> {
  return [];
}
