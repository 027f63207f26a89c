import { quoteIdentifier } from '../../postgres/identifiers.ts';
import type { Statements } from './maintenance.ts';
import { commentSql, markerComment } from './marker.ts';
import type { MarkedDatabase } from './marker.ts';

/**
 * Opens a kept database to connections, for an undo. The marker says that we did: if the run dies, the next one
 * closes what we opened and nothing that somebody else opened. Marker and opening happen together or not at all.
 */
export async function openKept(
  statements: Statements,
  { name, marker }: Pick<MarkedDatabase, 'name' | 'marker'>,
): Promise<void> {
  await statements.execute(
    [doorSql(name, true), commentSql(name, markerComment({ ...marker, opened: true }))].join(';\n'),
  );
}

/** Closes it again. Sessions that are connected stay. */
export async function shutKept(
  statements: Statements,
  { name, marker }: Pick<MarkedDatabase, 'name' | 'marker'>,
): Promise<void> {
  const { opened: _, ...shut } = marker;
  await statements.execute([doorSql(name, false), commentSql(name, markerComment(shut))].join(';\n'));
}

/** A closed database refuses everybody, superusers too. */
function doorSql(name: string, open: boolean): string {
  return `ALTER DATABASE ${quoteIdentifier(name)} ALLOW_CONNECTIONS ${String(open)}`;
}
