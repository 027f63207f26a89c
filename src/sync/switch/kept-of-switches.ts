import { undoSchemaPattern } from '../../catalog/undo-schemas.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { sqlFile } from '../../lib/sql-file.ts';
import { quoteIdentifier } from '../../postgres/identifiers.ts';
import type { Session } from '../../postgres/session.ts';
import { readKept } from './kept-objects.ts';

const bytesSql = sqlFile(import.meta.url, './kept-of-switches.sql');
const hangingOnSql = sqlFile(import.meta.url, './hanging-on.sql');

interface Options {
  readonly signal: AbortSignal;
}

/** The objects that a switch has put aside in its target. */
export interface KeptOfSwitch {
  /** It says where they are. */
  readonly schema: string;
  readonly jobId: string;
  /** Epoch milliseconds, by the server's clock: when they may be removed. */
  readonly until: number;
  readonly bytes: number;
}

/** What switches have put aside in a database, newest first; without schemas of other roles. */
export async function keptOfSwitches(session: Session, options: Options): Promise<readonly KeptOfSwitch[]> {
  const schemas = await session.query<{ name: string }>(
    `SELECT n.nspname::text AS name FROM pg_catalog.pg_namespace AS n
WHERE n.nspname ~ $1 AND pg_catalog.pg_has_role(n.nspowner, 'USAGE') ORDER BY 1`,
    [undoSchemaPattern],
    options,
  );
  const found: KeptOfSwitch[] = [];
  for (const { name } of schemas) {
    const kept = await readKept(session, name, options);
    if (kept === null) continue;
    const old = kept.schemas.map((one) => one.old);
    const [row] = await session.query<{ bytes: string }>(bytesSql, [[name, ...old]], options);
    found.push({ schema: name, jobId: kept.job, until: kept.until, bytes: Number(row?.bytes ?? 0) });
  }
  return found.toSorted((a, b) => b.until - a.until);
}

/** In the open transaction. CONFLICT_STATE names what others have hung on it since: it stays then. */
export async function dropKeptObjects(session: Session, schema: string, options: Options): Promise<void> {
  const kept = await readKept(session, schema, options);
  if (kept === null) return;
  const names = [schema, ...kept.schemas.map(({ old }) => old)];
  const hanging = await session.query<{ identity: string }>(hangingOnSql, [names], options);
  if (hanging.length > 0) {
    const objects = hanging.map(({ identity }) => identity);
    throw new SyncError(
      'CONFLICT_STATE',
      `What job "${kept.job}" put aside was not removed: ${objects.join(', ')} of this database need it.`,
      { details: { objects }, hint: 'Drop these, or let them use the live objects, and try again.' },
    );
  }
  await session.execute(
    names.map((name) => `DROP SCHEMA IF EXISTS ${quoteIdentifier(name)} CASCADE`).join(';\n'),
    options,
  );
}
