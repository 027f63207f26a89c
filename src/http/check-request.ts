import type { Environment } from '../environments/environment.ts';
import { knownEnvironment } from '../environments/known-environment.ts';
import { SyncError } from '../errors/sync-error.ts';

type Environments = ReadonlyMap<string, Environment>;

/** CONFLICT_TARGET_PROTECTED for an environment that is only read: its search is not written to either. */
export function checkWritable(environments: Environments, name: string): void {
  if (knownEnvironment(environments, name).protection !== 'source-only') return;
  throw new SyncError(
    'CONFLICT_TARGET_PROTECTED',
    `The environment "${name}" is a source only; nothing was started.`,
  );
}

/**
 * Refuses at once what the job would refuse later: an unknown target, one that may never be written
 * (CONFLICT_TARGET_PROTECTED), a `confirm` that is not its name (USAGE_CONFIRM_MISMATCH).
 */
export function checkTarget(environments: Environments, target: string, confirm: string | undefined): void {
  checkWritable(environments, target);
  if (confirm !== target) {
    throw new SyncError(
      'USAGE_CONFIRM_MISMATCH',
      `confirm must be "${target}", the name of the environment that will be replaced; nothing was started.`,
    );
  }
}

/** Throws CONFIG_ENVIRONMENT_UNKNOWN or CONFLICT_SAME_DATABASE. The job compares the databases themselves. */
export function checkPair(environments: Environments, source: string, target: string): void {
  knownEnvironment(environments, source);
  knownEnvironment(environments, target);
  if (source === target) {
    throw new SyncError(
      'CONFLICT_SAME_DATABASE',
      `Source and target are both "${source}"; nothing was started.`,
    );
  }
}
