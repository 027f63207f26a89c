import { silentlyIfAllowed } from '../ends/event-triggers.ts';
import { qualifiedName, quoteIdentifier } from '../../postgres/identifiers.ts';

/** A relation that is locked. */
export interface LockedRelation {
  readonly schema: string;
  readonly name: string;
  /**
   * Of what LOCK TABLE does not take (sequences, foreign tables, materialized views) or would lock together with all
   * that it reads (views): its owner. Null for a table.
   */
  readonly owner: string | null;
}

export type LockMode = 'SHARE' | 'ACCESS EXCLUSIVE';

/** What a lock may wait for at least, when the time of the try is over. */
const leastMs = 5;

/**
 * One message that locks relations in their order, within the open transaction. A view is given to the owner that it
 * has: that takes ACCESS EXCLUSIVE on it alone and changes nothing, which LOCK TABLE cannot do for a view. All waits
 * together take `tryMs`, as long as the statements themselves take no time. Pure.
 */
export function lockStatements(
  relations: readonly LockedRelation[],
  { mode, tryMs }: { readonly mode: LockMode; readonly tryMs: number },
): string {
  const tables: string[] = [];
  const statements: string[] = [];
  const flush = (): void => {
    if (tables.length === 0) return;
    statements.push(
      budget(tryMs, relations.length),
      `LOCK TABLE ONLY ${tables.join(', ONLY ')} IN ${mode} MODE`,
    );
    tables.length = 0;
  };
  for (const { schema, name, owner } of relations) {
    const quoted = qualifiedName(schema, name);
    if (owner === null) {
      tables.push(quoted);
      continue;
    }
    flush();
    statements.push(
      budget(tryMs, relations.length),
      `ALTER TABLE IF EXISTS ${quoted} OWNER TO ${quoteIdentifier(owner)}`,
    );
  }
  flush();
  const alters = relations.some(({ owner }) => owner !== null);
  return (alters ? silentlyIfAllowed(statements) : statements).join(';\n');
}

/**
 * Sets how long the next statement may wait for a lock, and take: what is left of the try since the server read the
 * message, and a millisecond a relation for the work itself.
 */
function budget(tryMs: number, relations: number): string {
  return `SELECT pg_catalog.set_config('lock_timeout', LEAST(${tryMs}, GREATEST(${leastMs}, b.left_ms))::text, true),
  pg_catalog.set_config('statement_timeout', (GREATEST(${leastMs}, b.left_ms) + ${relations})::text, true)
FROM (
  SELECT (${tryMs + relations} - 1000 * EXTRACT(EPOCH FROM pg_catalog.clock_timestamp() - pg_catalog.statement_timestamp()))::int AS left_ms
) AS b`;
}
