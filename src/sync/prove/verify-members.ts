import { readMembers } from '../../catalog/read-catalog.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { membersFound, missingMembersHint } from '../../plan/expected-members.ts';
import type { ExpectedMembers } from '../../plan/expected-members.ts';
import type { Session } from '../../postgres/session.ts';

/**
 * Compares what the extensions hold that a run has made, as soon as they are there, so that no rows are loaded for
 * nothing. SOURCE_OBJECT_UNSUPPORTED names members of the source that an extension of the same version does not have
 * here: they were renamed, moved or added by somebody, and what uses them would miss them.
 */
export async function verifyMembers(
  session: Session,
  expected: ExpectedMembers | null,
  sourceVersionNum: number,
  options: { readonly signal: AbortSignal },
): Promise<void> {
  if (expected === null || expected.members.length === 0) return;
  const begun = !session.inTransaction;
  if (begun) await session.execute('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY', options);
  const { members, versionNum } = await readMembers(session, options);
  if (begun) await session.execute('COMMIT', options);
  const { missing } = membersFound(expected, members, { source: sourceVersionNum, target: versionNum });
  if (missing.length === 0) return;
  throw new SyncError(
    'SOURCE_OBJECT_UNSUPPORTED',
    `${missing.length} object(s) of the source's extensions are not made by the target's, though these have the ` +
      `same version: ${missing.join(', ')}.`,
    {
      details: { objects: missing },
      hint: missingMembersHint,
    },
  );
}
