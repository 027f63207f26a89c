import type { Queryable } from '../../postgres/session.ts';
import type { JournalEntry } from '../contract/journal-entry.ts';
import { databaseIdentity } from '../ends/target-facts.ts';
import type { TargetFacts } from '../ends/target-facts.ts';

/**
 * Whether what a dead run was changing is another database than its environment names now: on another server, or beside
 * the one that is named. What became of the run cannot be told here then. False where that database is there no more.
 */
export async function changedElsewhere(
  session: Queryable,
  live: TargetFacts | null,
  entries: readonly JournalEntry[],
): Promise<boolean> {
  const last = entries.findLast((line) => line.entry === 'switch' || line.entry === 'commit');
  if (live === null || last?.database === undefined) return false;
  const here = databaseIdentity(live);
  const [server, oid] = last.database.split('/');
  // A server that does not say who it is shows what it has.
  if (server !== here.split('/')[0] && server !== 'unknown' && live.systemIdentifier !== null) return true;
  if (oid === live.oid || (last.entry === 'switch' && last.shadowOid === live.oid)) return false;
  const [row] = await session.query<{ there: boolean }>(
    'SELECT EXISTS (SELECT FROM pg_catalog.pg_database AS d WHERE d.oid = $1::text::oid) AS there',
    [oid],
  );
  return row?.there === true;
}
