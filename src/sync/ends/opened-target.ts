import type { Environment } from '../../environments/environment.ts';
import { SyncError } from '../../errors/sync-error.ts';
import type { Maintenance } from './maintenance.ts';
import type { TargetFacts } from './target-facts.ts';
import type { TargetLock } from './target-lock.ts';

export interface OpenTarget extends AsyncDisposable {
  readonly environment: Environment;
  readonly facts: TargetFacts;
  /** A session in a third database, holding a lock as well; null where the role may connect to none. */
  readonly maintenance: Maintenance | null;
  readonly lock: TargetLock;
  /** The signal for all work on this target: it fires with the caller's signal, and when the lock is lost. */
  readonly signal: AbortSignal;
}

/**
 * CONFLICT_TARGET_PROTECTED for an environment that is only read: neither its database nor its search is written to.
 */
export function checkProtection({ name, protection }: Environment): void {
  if (protection !== 'source-only') return;
  throw new SyncError('CONFLICT_TARGET_PROTECTED', `The environment "${name}" may not be a target.`);
}

/**
 * `confirm` must be the target's own name, and its protection must allow it. USAGE_CONFIRM_MISMATCH,
 * CONFLICT_TARGET_PROTECTED.
 */
export function checkTargetAllowed(environment: Environment, confirm: string): void {
  checkProtection(environment);
  if (confirm !== environment.name) {
    throw new SyncError(
      'USAGE_CONFIRM_MISMATCH',
      `The confirmation does not name the target "${environment.name}".`,
    );
  }
}
