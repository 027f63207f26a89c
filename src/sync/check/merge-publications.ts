import { SyncError } from '../../errors/sync-error.ts';
import { sqlFile } from '../../lib/sql-file.ts';
import type { Inspection } from '../contract/run.ts';
import type { TargetEnd } from './check-target.ts';

const mergePublicationsSql = sqlFile(import.meta.url, './merge-publications.sql');

/**
 * The rows that an undo needs are kept in new tables of the target, which join every publication FOR ALL TABLES. A
 * subscriber has no such tables and would stop. TARGET_UNSUPPORTED where somebody reads; else a sentence.
 */
export async function checkPublications(
  { signal }: Inspection,
  { asked, environment }: TargetEnd,
): Promise<readonly string[]> {
  const found = await asked.withSession(
    (session) => session.query<{ name: string; read: boolean }>(mergePublicationsSql, [], { signal }),
    signal,
  );
  if (found.length === 0) return [];
  const names = found.map(({ name }) => `"${name}"`).join(', ');
  const what =
    'The rows that an undo needs are kept in new tables of the target, which join publications ' +
    `FOR ALL TABLES (${names})`;
  if (!found.some(({ read }) => read))
    return [
      `${what}. Nobody subscribes now; who does while they are kept is told that these tables are missing.`,
    ];
  throw new SyncError(
    'TARGET_UNSUPPORTED',
    `Mode merge is not possible on "${environment.name}". ${what}; subscribers, which have no such tables, would stop.`,
    {
      details: { publications: found.map(({ name }) => name) },
      hint: 'Have the publication name its tables or schemas, or choose --mode replace or in-place.',
    },
  );
}
