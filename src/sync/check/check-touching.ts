import { sqlForServer } from '../../catalog/sql-for-server.ts';
import type { CatalogModel } from '../../catalog/model.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { sqlFile } from '../../lib/sql-file.ts';
import { tableName } from '../../lib/table-name.ts';
import type { ImportPlan } from '../../plan/import-plan.ts';
import { modes } from '../../plan/modes.ts';
import type { Mode } from '../../plan/modes.ts';
import type { Database } from '../../postgres/database.ts';
import { lockedInPlace } from '../kept/locked-tables.ts';
import { pairsOf } from '../kept/kept-tables.ts';

const touchRightsSql = sqlFile(import.meta.url, './touch-rights.sql');

interface TableName {
  readonly schema: string;
  readonly name: string;
}

export interface TouchInput {
  readonly name: string;
  readonly mode: Mode;
  readonly plan: ImportPlan;
  readonly model: CatalogModel;
}

/**
 * Whether this role may lock the kept tables (in place: all tables that are replaced), and read the kept ones and
 * their sequences. TARGET_PRIVILEGE names each it may not.
 */
export async function checkTouching(
  database: Database,
  { name: targetName, mode, plan, model }: TouchInput,
  options: { readonly signal: AbortSignal },
): Promise<void> {
  const kept: readonly TableName[] = pairsOf(plan.keep).map(({ live }) => live);
  const locked = modes[mode].locksReplaced ? lockedInPlace(model.tables, plan) : kept;
  const read = new Set([...kept, ...plan.keptSequences.map(({ live }) => live)].map(tableName));
  const asked = [...locked, ...plan.keptSequences.map(({ live }) => live)];
  if (asked.length === 0) return;
  const rows = await database.withSession(
    (session) =>
      session.query<TableName & { readonly reads: boolean; readonly locks: boolean }>(
        sqlForServer(touchRightsSql, model.server.versionNum),
        [asked.map(({ schema }) => schema), asked.map(({ name }) => name)],
        options,
      ),
    options.signal,
  );
  const faults = rows.flatMap(({ schema, name, reads, locks }) => {
    const table = tableName({ schema, name });
    const wanted = [...(locks ? [] : ['lock']), ...(reads || !read.has(table) ? [] : ['read'])];
    return wanted.length === 0 ? [] : [`${table} (${wanted.join(', ')})`];
  });
  if (faults.length === 0) return;
  throw new SyncError(
    'TARGET_PRIVILEGE',
    `"${database.url.parts.user}" lacks privileges that the run needs on ${faults.length} table(s) or ` +
      `sequence(s) of "${targetName}": ${faults.join(', ')}.`,
    {
      details: { tables: faults },
      hint: 'GRANT SELECT (to read) and one of UPDATE, DELETE, TRUNCATE (to lock; from 17 on also MAINTAIN) on them to this role, and USAGE on their schema.',
    },
  );
}
