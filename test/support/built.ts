import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** A file of the build: what people run. `npm test` builds first; a narrow vitest run needs `npm run build` before. */
export function builtFile(relative: string): string {
  const file = join(import.meta.dirname, '../../dist', relative);
  if (!existsSync(file)) throw new Error(`dist/${relative} is missing: npm run build`);
  return file;
}
