import { createHash } from 'node:crypto';
import type { TargetFacts } from '../ends/target-facts.ts';

/**
 * Tells the lock of a target (lock.ts) from those of other targets, in eight hex digits: it is one of the server and
 * of the database's name. Whoever holds it knows that every run that built under it is over, whichever service ran
 * it. Null where the role may not ask which server it is.
 */
export function lockMarkOf({
  systemIdentifier,
  name,
}: Pick<TargetFacts, 'systemIdentifier' | 'name'>): string | null {
  if (systemIdentifier === null) return null;
  return createHash('sha256').update(`${systemIdentifier}\0${name}`).digest('hex').slice(0, 8);
}
