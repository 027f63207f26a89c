import { SyncError } from '../../errors/sync-error.ts';
import type { Inspection } from '../contract/run.ts';
import { joinedQuietly, newTablePublications } from '../ends/new-table-publications.ts';
import type { TargetEnd } from './check-target.ts';

/**
 * The rows that an undo needs are kept in new tables of the target, which join every publication FOR ALL TABLES. A
 * subscriber has no such tables and would stop. TARGET_UNSUPPORTED where somebody reads; else a sentence.
 */
export async function checkPublications(
  { signal }: Inspection,
  { asked, environment }: TargetEnd,
): Promise<readonly string[]> {
  const found = await asked.withSession((session) => newTablePublications(session, { signal }), signal);
  if (found === null) return [];
  if (!found.read) return [joinedQuietly(found)];
  throw new SyncError(
    'TARGET_UNSUPPORTED',
    `Mode merge is not possible on "${environment.name}". ${found.what}; subscribers, which have no such tables, ` +
      'would stop.',
    {
      details: { publications: found.names },
      hint: 'Have the publication name its tables or schemas, or choose --mode replace or in-place.',
    },
  );
}
