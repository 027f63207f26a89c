import { missingMembersHint } from '../../plan/expected-members.ts';
import { statementsOf } from '../../plan/runnable-object.ts';
import type { RunnableObject } from '../../plan/runnable-object.ts';
import type { ObjectKind } from '../../catalog/model.ts';
import type { ErrorCode } from '../../errors/catalogue.ts';
import { SyncError } from '../../errors/sync-error.ts';
import type { CallOptions, Session } from '../../postgres/session.ts';
import { databaseError, lacksSharedMemory, sqlState } from '../../postgres/sqlstate.ts';
import { ownerSql } from './open-schema.ts';

/**
 * Runs one object's SQL: all of its statements in one implicit transaction. TARGET_STATEMENT_FAILED (or what the
 * SQLSTATE means) names the object.
 */
export async function runObject(
  session: Session,
  object: RunnableObject,
  options: CallOptions & { readonly fallback?: ErrorCode | undefined },
): Promise<void> {
  if (object.sql === '') return;
  try {
    const sql = object.kind === 'owner' ? await ownerSql(session, object, options) : statementsOf(object);
    const { inTransaction } = session;
    if (!usesWorkers(object)) return await session.execute(sql, options);
    try {
      await session.execute(inTransaction ? underSavepoint(sql) : sql, options);
    } catch (error) {
      if (!lacksSharedMemory(error)) throw error;
      await againWithoutWorkers(session, object, inTransaction, options);
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    throw objectError(error, object, options);
  }
}

/** What the server has against an object, in words that name it. */
export function objectError(
  error: unknown,
  object: RunnableObject,
  options: { readonly fallback?: ErrorCode | undefined },
): SyncError {
  const fallback = rowKinds.has(object.kind) ? options.fallback : undefined;
  const fault = databaseError(
    error,
    'target',
    `Creating ${object.identity}`,
    fallback,
    isAboutObject(object),
  );
  if (object.kind !== 'extension member' || !notThere.has(sqlState(error) ?? '')) return fault;
  const { code, message, details } = fault;
  return new SyncError(code, message, { cause: error, details, hint: missingMembersHint });
}

/** A relation, a type, a function … does not exist. */
const notThere: ReadonlySet<string> = new Set(['42P01', '42704', '42883']);

/** Kinds whose statements the server may share among parallel workers, for which it needs shared memory. */
const parallelKinds: ReadonlySet<string> = new Set<ObjectKind>([
  'exclusion constraint',
  'index',
  'primary key',
  'refresh',
  'unique constraint',
]);

/** Kinds whose statements look at rows, and may be refused for one. */
const rowKinds: ReadonlySet<string> = new Set<ObjectKind>([
  ...(parallelKinds as ReadonlySet<ObjectKind>),
  'check constraint',
  'foreign key',
  'not-null constraint',
  'partition attach',
]);

const withoutWorkers = 'SET max_parallel_workers_per_gather = 0; SET max_parallel_maintenance_workers = 0';
const withWorkers = 'RESET max_parallel_workers_per_gather; RESET max_parallel_maintenance_workers';

/**
 * Where the server lacks shared memory for parallel workers (a container has 64 MiB), such a statement runs again
 * without them (`againWithoutWorkers`). Within a transaction only as far as its savepoint goes back.
 */
export function usesWorkers({ kind }: RunnableObject): boolean {
  return parallelKinds.has(kind);
}

/** In one message: the savepoint costs no round trip. */
export function underSavepoint(sql: string): string {
  return `SAVEPOINT without_workers;\n${sql}\n;RELEASE SAVEPOINT without_workers`;
}

/** After a failure of its statement, of which nothing is left but, within a transaction, the savepoint. */
export async function againWithoutWorkers(
  session: Session,
  { sql }: RunnableObject,
  inTransaction: boolean,
  options: CallOptions,
): Promise<void> {
  if (inTransaction) await session.execute('ROLLBACK TO SAVEPOINT without_workers', options);
  await session.execute(withoutWorkers, options);
  await session.execute(sql, options);
  await session.execute(withWorkers, options);
  if (inTransaction) await session.execute('RELEASE SAVEPOINT without_workers', options);
}

/** Kinds whose statements hold options and settings, and among them secrets. */
const kindsWithOptions: ReadonlySet<string> = new Set<ObjectKind>([
  'database setting',
  'foreign data wrapper',
  'foreign table',
  'server',
  'subscription',
  'user mapping',
]);

/** Pre-data statements have no rows that could be at fault: the server lacks a locale, a library or a feature. */
function isAboutObject({ section, kind }: RunnableObject): boolean {
  return section === 'pre-data' && !kindsWithOptions.has(kind);
}

/**
 * Privileges come after everything that needs the owner's own rights; then refreshes, which read through views and
 * functions. Event triggers with their parts come last, because they fire for everything made after them.
 */
function passesOf(objects: readonly RunnableObject[]): (object: RunnableObject) => 0 | 1 | 2 | 3 {
  const eventTriggers = new Set(objects.filter(({ kind }) => kind === 'event trigger').map(({ id }) => id));
  return ({ id, kind, partOf }) => {
    if (eventTriggers.has(id) || eventTriggers.has(partOf ?? '')) return 3;
    if (kind === 'privileges') return 1;
    return kind === 'refresh' ? 2 : 0;
  };
}

/** Post-data objects in an order in which they can be made one after the other. */
export function inOrderOfPasses(objects: readonly RunnableObject[]): readonly RunnableObject[] {
  const passOf = passesOf(objects);
  return ([0, 1, 2, 3] as const).flatMap((pass) => objects.filter((object) => passOf(object) === pass));
}

export interface RunParallelOptions {
  readonly signal: AbortSignal;
  readonly onDone: (object: RunnableObject) => void;
  /** The code of an error about rows; TARGET_STATEMENT_FAILED by default. */
  readonly fallback?: ErrorCode | undefined;
}

/**
 * Runs objects side by side on the given sessions: each when what it depends on is done and no running one holds a
 * lock it would wait for. What deadlocks nevertheless (functions and event triggers may lock what they like) runs
 * again by itself, where it is a transaction of its own (several sessions). Objects that are not in the list count as
 * done. The first failure stops the rest.
 */
export async function runObjectsParallel(
  sessions: readonly Session[],
  objects: readonly RunnableObject[],
  options: RunParallelOptions,
): Promise<void> {
  const passOf = passesOf(objects);
  for (const pass of [0, 1, 2, 3] as const) {
    await runPass(
      sessions,
      objects.filter((object) => passOf(object) === pass),
      options,
    );
  }
}

async function runPass(
  sessions: readonly Session[],
  objects: readonly RunnableObject[],
  options: RunParallelOptions,
): Promise<void> {
  const waiting = new Map(objects.map((object) => [object.id, object]));
  const unfinished = new Set(waiting.keys());
  const running = new Map<string, Promise<void>>();
  const held = new Map<string, { readonly table: string; readonly mode: string }[]>();
  const idle = [...sessions];
  const failures: unknown[] = [];
  const onlyAlone = new Set<string>();

  const mayRun = (object: RunnableObject): boolean =>
    (running.size === 0 || ![object.id, ...running.keys()].some((id) => onlyAlone.has(id))) &&
    object.dependsOn.every((id) => id === object.id || !unfinished.has(id)) &&
    !conflicts(object, [...held.values()].flat());

  const start = (object: RunnableObject, session: Session): void => {
    waiting.delete(object.id);
    held.set(object.id, [...object.locks]);
    const work = async (): Promise<void> => {
      try {
        await runObject(session, object, options);
        unfinished.delete(object.id);
        options.onDone(object);
      } catch (error) {
        if (isDeadlock(error) && sessions.length > 1 && !onlyAlone.has(object.id)) {
          onlyAlone.add(object.id);
          waiting.set(object.id, object);
        } else failures.push(error);
      } finally {
        held.delete(object.id);
        running.delete(object.id);
        idle.push(session);
      }
    };
    running.set(object.id, work());
  };

  // Runs until the last has ended, because a deadlocked object goes back into the queue.
  while (waiting.size + running.size > 0 && failures.length === 0 && !options.signal.aborted) {
    for (const object of waiting.values()) {
      const session = idle.at(-1);
      if (session === undefined) break;
      if (!mayRun(object)) continue;
      idle.pop();
      start(object, session);
    }
    if (running.size === 0) {
      const names = [...waiting.values()].slice(0, 5).map(({ identity }) => identity);
      throw new SyncError(
        'INTERNAL',
        `Objects of the dump depend on each other in a circle: ${names.join(', ')}.`,
      );
    }
    await Promise.race(running.values());
  }
  await Promise.all(running.values());
  if (failures.length > 0) throw failures[0];
  options.signal.throwIfAborted();
}

function isDeadlock(error: unknown): boolean {
  return error instanceof SyncError && error.sqlState === '40P01';
}

function conflicts(
  object: RunnableObject,
  held: readonly { readonly table: string; readonly mode: string }[],
): boolean {
  return object.locks.some(({ table, mode }) =>
    held.some((other) => other.table === table && (mode === 'exclusive' || other.mode === 'exclusive')),
  );
}
