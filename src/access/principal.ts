import { SyncError } from '../errors/sync-error.ts';
import { includes } from './scope.ts';
import type { Scope } from './scope.ts';

/** Who asks. */
export interface Principal {
  /** As job records and the audit call it: `token ci`, `API_KEY`. */
  readonly actor: string;
  readonly scope: Scope;
  /** Those it may write to, of scope `operate`; null for all. */
  readonly environments: readonly string[] | null;
}

/** A principal that was let in, and whether it still would be: a token may be revoked while a stream is open. */
export interface Pass {
  readonly principal: Principal;
  readonly holds: () => boolean;
}

/** Throws AUTH_FORBIDDEN. */
export function refuseBeyondScope({ actor, scope }: Principal, needed: Scope): void {
  if (includes(scope, needed)) return;
  throw new SyncError(
    'AUTH_FORBIDDEN',
    `This needs the scope "${needed}"; ${actor} has "${scope}". Nothing was done.`,
    { details: { needed, scope } },
  );
}

/**
 * `environments`: whose the thing is that is about to be done, changed or handed out; one of them has to be the
 * principal's. Throws AUTH_FORBIDDEN.
 */
export function refuseOthers(principal: Principal, environments: readonly string[]): void {
  const own = principal.environments;
  if (principal.scope === 'admin' || own === null || environments.some((name) => own.includes(name))) return;
  const whose =
    environments.length === 0 ? 'no environment' : environments.map((name) => `"${name}"`).join(' and ');
  throw new SyncError(
    'AUTH_FORBIDDEN',
    `This concerns ${whose}; ${principal.actor} may act on ${own.map((name) => `"${name}"`).join(', ')} only. ` +
      'Nothing was done.',
    { details: { environments: [...environments], allowed: [...own] } },
  );
}
