import { readFileSync } from 'node:fs';

/** Reads the SQL file that lies beside a module, once, when the module loads: `sqlFile(import.meta.url, './x.sql')`. */
export function sqlFile(moduleUrl: string, relative: `./${string}.sql`): string {
  return readFileSync(new URL(relative, moduleUrl), 'utf8');
}
