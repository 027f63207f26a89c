import type { Manifest } from '../../dump/manifest.ts';
import type { Environment } from '../../environments/environment.ts';
import { databaseIdentity } from '../ends/target-facts.ts';
import type { TargetFacts } from '../ends/target-facts.ts';
import type { UndoOrder } from './undo-order.ts';
import type { Receipt } from '../contract/receipts.ts';

/**
 * A safety copy goes back into the database it was taken of, not into whatever its environment names now. In place the
 * database stays the same; later jobs in mode `replace` put another one of the same name there. A sentence where it is
 * another one, else null. Pure.
 */
export function otherDatabase(
  { environment, facts }: { readonly environment: Environment; readonly facts: TargetFacts },
  receipt: Pick<Receipt, 'jobId' | 'database'>,
  { source }: Pick<Manifest, 'source'>,
  { overtakenBy }: UndoOrder,
): string | null {
  const was = receipt.database ?? null;
  if (was === databaseIdentity(facts)) return null;
  const sameServer =
    source.systemIdentifier === null ||
    facts.systemIdentifier === null ||
    source.systemIdentifier === facts.systemIdentifier;
  const mayDiffer = was === null || overtakenBy.length > 0;
  if (mayDiffer && sameServer && source.database === facts.name) return null;
  return (
    `Job "${receipt.jobId}" changed the database "${source.database}"; "${environment.name}" is another ` +
    `one now ("${facts.name}"${sameServer ? '' : ' on another server'}).`
  );
}
