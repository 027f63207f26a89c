import { quoteIdentifier } from '../../postgres/identifiers.ts';
import type { Statements } from './maintenance.ts';
import { commentSql, markerComment } from './marker.ts';
import type { MarkedDatabase } from './marker.ts';

/**
 * Lets connections into a kept database, for an undo. The marker says that it was us: a run that dies meanwhile
 * leaves it to the next one, which shuts what we have opened and nothing that somebody else has. Both or none.
 */
export async function openKept(
  statements: Statements,
  { name, marker }: Pick<MarkedDatabase, 'name' | 'marker'>,
): Promise<void> {
  await statements.execute(
    [doorSql(name, true), commentSql(name, markerComment({ ...marker, opened: true }))].join(';\n'),
  );
}

/** Shuts it again. Who is connected stays. */
export async function shutKept(
  statements: Statements,
  { name, marker }: Pick<MarkedDatabase, 'name' | 'marker'>,
): Promise<void> {
  const { opened: _, ...shut } = marker;
  await statements.execute([doorSql(name, false), commentSql(name, markerComment(shut))].join(';\n'));
}

/** A shut door refuses everybody, superusers too. */
function doorSql(name: string, open: boolean): string {
  return `ALTER DATABASE ${quoteIdentifier(name)} ALLOW_CONNECTIONS ${String(open)}`;
}
