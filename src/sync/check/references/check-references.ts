import { withReleasers } from '../../../lib/releasers.ts';
import type { ImportPlan } from '../../../plan/import-plan.ts';
import { databaseError } from '../../../postgres/sqlstate.ts';
import type { Checks } from '../blockers.ts';
import type { TargetEnd } from '../check-target.ts';
import type { OpenSource } from '../../source/open-source.ts';
import { openTeam } from '../../../postgres/team.ts';
import { askReferences, askingMs } from '../../kept/references/ask-references.ts';
import { missingRowsError } from '../../kept/references/refuse-missing.ts';

export interface CheckReferencesInput {
  readonly source: OpenSource;
  readonly target: TargetEnd;
  readonly plan: ImportPlan;
}

/**
 * Checks, before any row is copied, whether kept rows and the source's rows find each other, as the new database's
 * foreign keys demand. A fault (TARGET_KEPT_TABLE) goes to `checks`; returns a sentence for each key that could not
 * be asked for.
 */
export async function checkReferences(
  { source, target: { environment, asked: there }, plan }: CheckReferencesInput,
  checks: Checks,
  options: { readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const { references: questions, names } = plan;
  if (questions.length === 0) return [];
  const { missing, notes } = await withReleasers(async (releasers) => {
    const session = await there.connect(options);
    releasers.defer(() => session.release());
    const [ours] = await openTeam(source, 1, releasers, options);
    if (ours === undefined) throw new Error('one session');
    try {
      await session.execute('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY', options);
      const asked = await askReferences(
        {
          questions,
          names,
          source: { session: ours, names: 'source' },
          target: { session, names: 'target' },
        },
        { ...options, limit: AbortSignal.timeout(askingMs) },
      );
      if (!session.broken) await session.execute('COMMIT', options);
      return asked;
    } catch (error) {
      // Others ask on this session after us.
      await session.rollback();
      options.signal.throwIfAborted();
      const side = ours.broken ? 'source' : 'target';
      throw databaseError(error, side, `Checking the references of rows of "${environment.name}"`);
    }
  });
  if (missing.length > 0) checks.add(missingRowsError(missing));
  return notes;
}
