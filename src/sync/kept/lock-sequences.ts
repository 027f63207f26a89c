import { qualifiedName, quoteLiteral } from '../../postgres/identifiers.ts';
import type { Session } from '../../postgres/session.ts';

/**
 * Locks sequences until the transaction ends. LOCK TABLE takes no sequences, but setting a sequence's owner to its
 * present owner locks it and changes nothing. A name that is no longer a sequence is skipped.
 */
export async function lockSequences(
  session: Session,
  sequences: readonly { readonly schema: string; readonly name: string }[],
  options: { readonly signal: AbortSignal },
): Promise<void> {
  if (sequences.length === 0) return;
  const names = sequences.map(({ schema, name }) => quoteLiteral(qualifiedName(schema, name)));
  const statements = await session.query<{ sql: string }>(
    `SELECT pg_catalog.format('ALTER SEQUENCE %s OWNER TO %I', c.oid::regclass, pg_catalog.pg_get_userbyid(c.relowner)) AS sql
FROM pg_catalog.pg_class AS c
WHERE c.relkind = 'S' AND c.oid = ANY (ARRAY(SELECT pg_catalog.to_regclass(n.name)::oid FROM pg_catalog.unnest(ARRAY[${names.join(', ')}]::text[]) AS n (name)))`,
    [],
    options,
  );
  if (statements.length > 0) await session.execute(statements.map(({ sql }) => sql).join(';\n'), options);
}
