import { setTimeout as delay } from 'node:timers/promises';
import type { CatalogModel } from '../../catalog/model.ts';
import { sqlFile } from '../../lib/sql-file.ts';
import { qualifiedName } from '../../postgres/identifiers.ts';
import { sessionSettings } from '../../postgres/session-settings.ts';
import type { Session } from '../../postgres/session.ts';
import { databaseError, sqlState } from '../../postgres/sqlstate.ts';

const viewsToRefreshSql = sqlFile(import.meta.url, './views-to-refresh.sql');

/** Who reads such a view meanwhile waits behind us for one try, and then gets on (ADR 22). */
const tryMs = 50;
const pauseMs = 200;
const usualTimeout = `SET LOCAL lock_timeout = '${sessionSettings('write').get('lock_timeout') ?? '0'}'`;

export interface RefreshInput {
  /** Of all views that the run is about, in the order in which they need each other. */
  readonly statements: readonly string[];
  /** Qualified names of tables and sequences that are not what they were. */
  readonly changed: readonly string[];
  /** After which no more try is made to lock a view. */
  readonly waitSeconds: number;
}

interface View {
  readonly schema: string;
  readonly name: string;
  readonly concurrently: boolean;
}

/**
 * Materialized views that hold rows and read what has changed are refreshed. Where an index allows it, readers go on
 * meanwhile (CONCURRENTLY); else they wait for the end of the transaction, which waits for them in short tries.
 */
export async function refreshViews(
  session: Session,
  { statements, changed, waitSeconds }: RefreshInput,
  options: { readonly signal: AbortSignal },
): Promise<void> {
  if (statements.length === 0) return;
  const views = await session.query<View>(viewsToRefreshSql, [changed], options);
  const deadline = performance.now() + waitSeconds * 1_000;
  for (const sql of statements) {
    const view = views.find(({ schema, name }) =>
      sql.includes(`REFRESH MATERIALIZED VIEW ${qualifiedName(schema, name)};`),
    );
    if (view === undefined) continue;
    try {
      if (view.concurrently)
        await session.execute(sql.replace('MATERIALIZED VIEW', 'MATERIALIZED VIEW CONCURRENTLY'), options);
      else await refreshInTries(session, sql, deadline, options);
    } catch (error) {
      options.signal.throwIfAborted();
      throw databaseError(error, 'target', `Refreshing the materialized view ${view.schema}.${view.name}`);
    }
  }
}

async function refreshInTries(
  session: Session,
  sql: string,
  deadline: number,
  options: { readonly signal: AbortSignal },
): Promise<void> {
  for (;;) {
    await session.execute(`SAVEPOINT refreshing; SET LOCAL lock_timeout = '${tryMs}ms'`, options);
    try {
      await session.execute(sql, options);
      await session.execute(`RELEASE SAVEPOINT refreshing; ${usualTimeout}`, options);
      return;
    } catch (error) {
      options.signal.throwIfAborted();
      if (sqlState(error) !== '55P03' || performance.now() > deadline) throw error;
      await session.execute('ROLLBACK TO SAVEPOINT refreshing; RELEASE SAVEPOINT refreshing', options);
    }
    await delay(pauseMs);
  }
}

/** The statements that do so, of what the run is about. */
export function refreshesOf({ objects }: CatalogModel): readonly string[] {
  return objects
    .filter(({ kind, outside }) => kind === 'refresh' && outside === undefined)
    .map(({ sql }) => sql);
}
