import type { CatalogModel } from '../../../catalog/model.ts';
import type { MigrationHistory } from '../../../dump/manifest.ts';
import { compareMigrations, migrationsError } from '../../../plan/compare-migrations.ts';
import type { ImportPlan } from '../../../plan/import-plan.ts';
import { migrationTool } from '../../../plan/migration-tables.ts';
import type { Database } from '../../../postgres/database.ts';
import { databaseError } from '../../../postgres/sqlstate.ts';
import type { Checks } from '../blockers.ts';
import { readHistories } from '../../source/read-histories.ts';
import type { Histories } from '../../source/read-histories.ts';

export interface CheckMigrationsInput {
  /** The target, by its name. */
  readonly name: string;
  readonly asked: Database;
  readonly target: Pick<CatalogModel, 'tables'>;
  readonly plan: ImportPlan;
  /** What differs is said, and does not stop the run. */
  readonly ignore: boolean;
}

/**
 * Whether the tables of migration tools in the target will match its new schema. A fault (CONFLICT_MIGRATIONS) goes
 * to `checks`; returns a sentence for each thing to know.
 */
export async function checkMigrations(
  source: readonly MigrationHistory[],
  { asked, name, target, plan, ignore }: CheckMigrationsInput,
  checks: Checks,
  options: { readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const there = await readThere(asked, name, target, options);
  const { differences, notes } = compareMigrations(source, there.histories, plan);
  if (differences.length > 0 && !ignore) checks.add(migrationsError(differences));
  return [...there.notes, ...notes, ...(ignore ? differences.map((sentence) => `${sentence}.`) : [])];
}

async function readThere(
  asked: Database,
  name: string,
  target: Pick<CatalogModel, 'tables'>,
  options: { readonly signal: AbortSignal },
): Promise<Histories> {
  const tables = target.tables.filter((table) => migrationTool(table) !== null);
  if (tables.length === 0) return { histories: [], notes: [] };
  try {
    return await asked.withSession(async (session) => {
      await session.execute('BEGIN TRANSACTION READ ONLY', options);
      const read = await readHistories(session, { tables }, options);
      await session.execute('COMMIT', options);
      return read;
    }, options.signal);
  } catch (error) {
    options.signal.throwIfAborted();
    throw databaseError(error, 'target', `Reading which migrations "${name}" has applied`);
  }
}
