import type { CatalogSession } from '../catalog-session.ts';
import type { Draft } from '../draft.ts';

export async function readShellTypes(_catalog: CatalogSession): Promise<readonly Draft[]> {
  return [];
}
