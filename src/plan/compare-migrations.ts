import type { MigrationHistory } from '../dump/manifest.ts';
import { SyncError } from '../errors/sync-error.ts';
import { tableName } from '../lib/table-name.ts';
import type { ImportPlan } from './import-plan.ts';
import { onOtherEnd } from './schema-names.ts';

export interface MigrationsCompared {
  /** A sentence for each table whose history would no longer match the schema. */
  readonly differences: readonly string[];
  /** A sentence for each table that only one end has. */
  readonly notes: readonly string[];
}

/** Entries named of each end. */
const namedMax = 20;

/**
 * The target gets the source's schema, so a table of migrations that does not come from the source must list the same
 * migrations. Otherwise the tool would believe that migrations are applied which the schema lacks, or not applied
 * which it has. Compares tables that a policy keeps or empties and that both ends have; entries by name, in any
 * order. Pure.
 */
export function compareMigrations(
  source: readonly MigrationHistory[],
  target: readonly MigrationHistory[],
  {
    load,
    keep,
    stay,
    names,
  }: Pick<ImportPlan, 'load' | 'names'> & {
    readonly stay?: ImportPlan['stay'] | undefined;
    readonly keep: readonly Pick<ImportPlan['keep'][number], 'live'>[];
  },
): MigrationsCompared {
  const differences: string[] = [];
  const notes: string[] = [];
  const isAt = (at: { readonly schema: string; readonly name: string }) => (other: typeof at) =>
    other.schema === at.schema && other.name === at.name;
  const keepsTarget = (history: MigrationHistory): boolean =>
    keep.some(({ live }) => live !== null && isAt(history)(live)) || stay?.some(isAt(history)) === true;
  for (const history of source) {
    if (load.some(isAt(history))) continue;
    const there = onOtherEnd(names, history);
    const called = `${tableName(there)} (${history.tool})`;
    const known = target.find((one) => one.tool === history.tool && isAt(there)(one));
    if (known === undefined) {
      if (history.applied.length > 0)
        notes.push(
          `${called} is not copied, and the target has no such table: the target will not know the ` +
            `${history.applied.length} migration(s) that its new schema has.`,
        );
      continue;
    }
    const after = keepsTarget(known) ? known.applied : [];
    const [unnamed, absent] = [without(history.applied, after), without(after, history.applied)];
    if (unnamed.length + absent.length === 0) continue;
    const sentences = [
      ...(unnamed.length === 0 ? [] : [`it would not name ${listed(unnamed)}, which the new schema has`]),
      ...(absent.length === 0
        ? []
        : [`it would name ${listed(absent)} as applied, which the new schema does not have`]),
    ];
    const what = keepsTarget(known) ? 'stays as it is' : 'is emptied';
    differences.push(`${called} ${what}, and the schema will be the source’s: ${sentences.join('; ')}`);
  }
  for (const history of target) {
    if (!keepsTarget(history) || history.applied.length === 0) continue;
    const here = onOtherEnd(names, history);
    if (source.some((one) => one.tool === history.tool && isAt(here)(one))) continue;
    notes.push(
      `${tableName(history)} (${history.tool}) stays, and the source has no such table: nobody can tell ` +
        `whether the source’s schema has the ${history.applied.length} migration(s) that it lists.`,
    );
  }
  return { differences, notes };
}

function without(entries: readonly string[], others: readonly string[]): readonly string[] {
  const known = new Set(others);
  return entries.filter((entry) => !known.has(entry));
}

function listed(entries: readonly string[]): string {
  const more = entries.length > namedMax ? ` and ${entries.length - namedMax} more` : '';
  return `${entries.slice(0, namedMax).join(', ')}${more}`;
}

/** CONFLICT_MIGRATIONS with every table and what is applied at one end only. */
export function migrationsError(differences: readonly string[]): SyncError {
  return new SyncError(
    'CONFLICT_MIGRATIONS',
    `The target’s list of migrations would no longer match its schema: ${differences.join('. ')}.`,
    { details: { tables: differences } },
  );
}
