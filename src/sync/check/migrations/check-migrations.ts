import type { CatalogModel } from '../../../catalog/model.ts';
import type { MigrationHistory } from '../../../dump/manifest.ts';
import type { Environment } from '../../../environments/environment.ts';
import { compareMigrations, migrationsError } from '../../../plan/compare-migrations.ts';
import type { ImportPlan } from '../../../plan/import-plan.ts';
import { migrationTool } from '../../../plan/migration-tables.ts';
import { Database } from '../../../postgres/database.ts';
import { databaseError } from '../../../postgres/sqlstate.ts';
import type { Checks } from '../blockers.ts';
import { readHistories } from '../../source/read-histories.ts';
import type { Histories } from '../../source/read-histories.ts';

export interface CheckMigrationsInput {
  readonly environment: Environment;
  readonly target: Pick<CatalogModel, 'tables'>;
  readonly plan: ImportPlan;
  /** What differs is said, and does not stop the run. */
  readonly ignore: boolean;
  readonly jobId: string;
}

/**
 * Whether the tables of migration tools in the target will match its new schema. A fault (CONFLICT_MIGRATIONS) goes
 * to `checks`; returns a sentence for each thing to know.
 */
export async function checkMigrations(
  source: readonly MigrationHistory[],
  { environment, target, plan, ignore, jobId }: CheckMigrationsInput,
  checks: Checks,
  options: { readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const there = await readThere(environment, target, jobId, options);
  const { differences, notes } = compareMigrations(source, there.histories, plan);
  if (differences.length > 0 && !ignore) checks.add(migrationsError(differences));
  return [...there.notes, ...notes, ...(ignore ? differences.map((sentence) => `${sentence}.`) : [])];
}

async function readThere(
  environment: Environment,
  target: Pick<CatalogModel, 'tables'>,
  jobId: string,
  options: { readonly signal: AbortSignal },
): Promise<Histories> {
  const tables = target.tables.filter((table) => migrationTool(table) !== null);
  if (tables.length === 0) return { histories: [], notes: [] };
  await using database = new Database({
    url: environment.database,
    purpose: 'source',
    side: 'target',
    applicationName: `multiboard-sync ${jobId}`,
    connectionsMax: 1,
  });
  try {
    return await database.withSession(async (session) => {
      await session.execute('BEGIN TRANSACTION READ ONLY', options);
      const read = await readHistories(session, { tables }, options);
      await session.execute('COMMIT', options);
      return read;
    }, options.signal);
  } catch (error) {
    options.signal.throwIfAborted();
    throw databaseError(error, 'target', `Reading which migrations "${environment.name}" has applied`);
  }
}
