import { Readable } from 'node:stream';
import { copyAcross, copyIn } from '../../postgres/copy.ts';
import { quoteIdentifier } from '../../postgres/identifiers.ts';
import type { Session } from '../../postgres/session.ts';
import { databaseError } from '../../postgres/sqlstate.ts';
import { keyHash } from '../differing/side.ts';
import type { ComparedTable } from '../differing/side.ts';
import { keysTable, newTable, stagedColumns, stagingSql } from './merge-table.ts';
import type { MergeTable } from './merge-table.ts';

/** Keys that are asked for at a time; each time is one pass over the source's table. */
const keysOfPass = 200_000;

/**
 * Brings the source's rows of these keys into temporary tables of the target's session. Returns the bytes of rows that
 * travelled.
 */
export async function stageRows(
  session: Session,
  table: MergeTable,
  from: { readonly session: Session; readonly table: ComparedTable; readonly keys: readonly BigInt64Array[] },
  { signal }: { readonly signal: AbortSignal },
): Promise<number> {
  let bytes = 0;
  try {
    await session.execute(stagingSql(table), { signal });
    const columns = table.columns.map(quoteIdentifier).join(', ');
    for (const keys of from.keys) {
      for (let at = 0; at < keys.length; at += keysOfPass) {
        const part = keys.subarray(at, at + keysOfPass);
        await copyIn(session, `COPY ${keysTable(table)} FROM STDIN`, linesOf(part), { signal });
        // A subquery: the server hashes it, whatever its version.
        const rows = `SELECT ${columns} FROM ${from.table.rows} WHERE ${keyHash(from.table)} IN (SELECT unnest('{${part.join(',')}}'::bigint[]))`;
        await copyAcross(
          { session: from.session, sql: `COPY (${rows}) TO STDOUT` },
          { session, sql: `COPY ${newTable(table)}${stagedColumns(table)} FROM STDIN` },
          {
            signal,
            onBytes: (more) => {
              bytes += more;
            },
          },
        );
      }
    }
    return bytes;
  } catch (error) {
    signal.throwIfAborted();
    throw databaseError(error, 'target', `Bringing the differing rows of table ${table.name}`);
  }
}

function linesOf(keys: BigInt64Array): Readable {
  return Readable.from(
    (function* lines() {
      for (let at = 0; at < keys.length; at += 1_000) yield `${keys.subarray(at, at + 1_000).join('\n')}\n`;
    })(),
    { objectMode: false },
  );
}
