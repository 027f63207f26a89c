import { readdirSync } from 'node:fs';
import { basename } from 'node:path';

/**
 * Fixtures of test/one-of-everything: a file for each kind of object (or a few that belong together), every variant
 * of it.
 */
export const oneOfEverything: readonly string[] = readdirSync(
  new URL('../one-of-everything', import.meta.url),
)
  .filter((file) => file.endsWith('.sql'))
  .map((file) => `one-of-everything/${basename(file, '.sql')}`)
  .sort();
