import { withReleasers } from '../../../lib/releasers.ts';
import { orphanPolicy } from '../../../plan/orphans.ts';
import type { OrphanPolicies } from '../../../plan/orphans.ts';
import { counted } from '../../../progress/words.ts';
import type { ImportPlan } from '../../../plan/import-plan.ts';
import { databaseError } from '../../../postgres/sqlstate.ts';
import type { Checks } from '../blockers.ts';
import type { TargetEnd } from '../check-target.ts';
import type { OpenSource } from '../../source/open-source.ts';
import { openTeam } from '../../../postgres/team.ts';
import { askReferences, askingMs } from '../../kept/references/ask-references.ts';
import type { MissingRows } from '../../kept/references/ask-references.ts';
import { missingRowsError } from '../../kept/references/refuse-missing.ts';

export interface CheckReferencesInput {
  readonly source: OpenSource;
  readonly target: TargetEnd;
  readonly plan: ImportPlan;
  /** What a merge does with kept rows whose parent goes; null in other modes, which have no such choice. */
  readonly orphans: OrphanPolicies | null;
}

/**
 * Checks, before any row is copied, whether kept rows and the source's rows find each other, as the new database's
 * foreign keys demand. A fault (TARGET_KEPT_TABLE) goes to `checks`; returns a sentence for each key that could not
 * be asked for, or for which a policy says what becomes of the rows.
 */
export async function checkReferences(
  { source, target: { environment, asked: there }, plan, orphans }: CheckReferencesInput,
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
          source: { session: ours, names: 'source', tables: source.model.tables },
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
  const decided = missing.map((rows) => settledWords(rows, orphans ?? {}));
  const open = missing.filter((_, index) => decided[index] === null);
  if (open.length > 0) checks.add(missingRowsError(open));
  return [...notes, ...decided.filter((one) => one !== null)];
}

/** Null where the run fails because of them. Rows that come from the source are never changed. */
function settledWords({ question, rows, keys }: MissingRows, policies: OrphanPolicies): string | null {
  const { foreignKey, foreignKeyThere, table, referenced, columns, from, to } = question;
  const policy = orphanPolicy(policies, [foreignKeyThere, foreignKey]);
  if (from.some(({ end }) => end === 'source')) return null;
  const those = `${counted(rows, 'row')} of ${table}`;
  switch (policy) {
    case 'fail':
      return null;
    case 'keepParent':
      // A table that is emptied keeps none.
      if (to.length === 0) return null;
      return `${counted(keys, 'row')} of ${referenced} will stay, because ${those} refer to them (${foreignKey}).`;
    case 'setNull':
      return `${those} will have ${columns.map(({ name }) => name).join(', ')} set to NULL (${foreignKey}).`;
    case 'delete':
      return `${those} will be deleted, because what they refer to goes (${foreignKey}).`;
    default:
      return policy satisfies never;
  }
}
