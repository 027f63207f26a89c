import { createHash } from 'node:crypto';
import type { TargetFacts } from '../ends/target-facts.ts';

/**
 * Eight hex digits that identify the lock of a target (lock.ts), made of the server's identifier and the database's
 * name. A run that holds the lock knows that every run that built collections under this mark is over, whichever
 * service ran it. Null if the role may not read the server's identifier.
 */
export function lockMarkOf({
  systemIdentifier,
  name,
}: Pick<TargetFacts, 'systemIdentifier' | 'name'>): string | null {
  if (systemIdentifier === null) return null;
  return createHash('sha256').update(`${systemIdentifier}\0${name}`).digest('hex').slice(0, 8);
}
