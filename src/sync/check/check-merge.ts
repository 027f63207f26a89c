import type { CatalogModel } from '../../catalog/model.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { sqlFile } from '../../lib/sql-file.ts';
import type { ImportPlan } from '../../plan/import-plan.ts';
import { checkOrphanPolicies, orphanTables } from '../../plan/orphan-tables.ts';
import type { OrphanPolicies } from '../../plan/orphans.ts';
import { onOtherEnd } from '../../plan/schema-names.ts';
import { qualifiedName } from '../../postgres/identifiers.ts';
import { sqlState } from '../../postgres/sqlstate.ts';
import type { Inspection } from '../contract/run.ts';
import type { Checks } from './blockers.ts';
import type { TargetEnd } from './check-target.ts';
import { checkDefinitions } from './merge-definitions.ts';
import type { DefinitionsInput } from './merge-definitions.ts';
import { checkPublications } from './merge-publications.ts';

const mergeRightsSql = sqlFile(import.meta.url, './merge-rights.sql');

export interface CheckMergeInput extends Omit<DefinitionsInput, 'target'> {
  readonly target: TargetEnd;
  readonly plan: ImportPlan;
}

/** What mode merge needs besides: equal definitions, and a role that may write rows while nothing else acts. */
export async function checkMerge(
  run: Inspection,
  { target, plan, ...input }: CheckMergeInput,
  checks: Checks,
): Promise<readonly string[]> {
  const { model } = target;
  const notes = await checks.attempt(() => checkDefinitions(run.config, { ...input, target: model }));
  await checks.attempt(() => refuseLargeObjects(plan, input.source, model));
  await checks.attempt(() => checkRights(run, target, plan, input.asked.orphans));
  await checks.attempt(() => checkOrphanPolicies(input.asked.orphans, model));
  const published = await checks.attempt(() => checkPublications(run, target));
  return [...(notes ?? []), ...(published ?? [])];
}

function refuseLargeObjects(plan: ImportPlan, source: CatalogModel, target: CatalogModel): void {
  if (plan.largeObjects === 'keep' || source.largeObjects.count + target.largeObjects.count === 0) return;
  throw new SyncError(
    'TARGET_UNSUPPORTED',
    'Mode merge changes rows of tables, and there are large objects.',
    {
      hint:
        'Keep the target’s large objects (policy preserve for pg_catalog.pg_largeobject), or choose --mode replace ' +
        'or --mode in-place.',
    },
  );
}

async function checkRights(
  { signal }: Inspection,
  { asked, model, environment }: TargetEnd,
  plan: ImportPlan,
  orphans: OrphanPolicies,
): Promise<void> {
  const present = new Set(model.tables.map(({ schema, name }) => qualifiedName(schema, name)));
  const tables = [
    ...[...plan.load, ...plan.empty].map((table) => onOtherEnd(plan.names, table)),
    ...orphanTables(model, plan, orphans),
  ]
    .map(({ schema, name }) => qualifiedName(schema, name))
    .filter((name) => present.has(name));
  const sequences = plan.sequences
    .map((sequence) => onOtherEnd(plan.names, sequence))
    .map(({ schema, name }) => qualifiedName(schema, name));
  const faults = await asked.withSession(async (session) => {
    const rows = await session.query<{ what: string; lacks: string }>(mergeRightsSql, [tables, sequences], {
      signal,
    });
    const found = rows.map(({ what, lacks }) => `${what} ${lacks}`);
    try {
      await session.execute('BEGIN READ ONLY; SET LOCAL session_replication_role = replica; ROLLBACK', {
        signal,
      });
    } catch (error) {
      signal.throwIfAborted();
      if (sqlState(error) !== '42501') throw error;
      await session.execute('ROLLBACK', { signal });
      found.unshift(
        'this role may not keep triggers and foreign keys from acting (session_replication_role)',
      );
    }
    return found;
  }, signal);
  if (faults.length === 0) return;
  throw new SyncError(
    'TARGET_PRIVILEGE',
    `Mode merge is not possible on "${environment.name}": ${faults.join('; ')}.`,
    {
      details: { lacks: faults },
      hint:
        'Have each granted or removed (from PostgreSQL 15 on a superuser can GRANT SET ON PARAMETER ' +
        'session_replication_role TO the role), or choose --mode in-place.',
    },
  );
}
