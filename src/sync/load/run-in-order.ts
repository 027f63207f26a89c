import type { ErrorCode } from '../../errors/catalogue.ts';
import { statementsOf } from '../../plan/runnable-object.ts';
import type { RunnableObject } from '../../plan/runnable-object.ts';
import type { Session } from '../../postgres/session.ts';
import { lacksSharedMemory } from '../../postgres/sqlstate.ts';
import { changesWhoMayCreate, OpenSchemas } from './open-schema.ts';
import { againWithoutWorkers, objectError, underSavepoint, usesWorkers } from './run-objects.ts';

/** Text that is on its way to the server at once: it takes it in, whatever it is doing, and we forget none of it. */
const underWayMax = 64 * 1024;

/** Runs messages without waiting for each answer. Rejects with what `failed` makes of the first error. */
export async function runInOrder<Item>(
  session: Session,
  items: readonly Item[],
  {
    textOf,
    failed,
    signal,
  }: {
    readonly textOf: (item: Item) => string;
    readonly failed: (error: unknown, item: Item) => unknown;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  let at = 0;
  while (at < items.length) {
    const group = groupFrom(items, at, (item) => textOf(item).length);
    const statements = group.map((item) => ({ text: textOf(item) }));
    try {
      await session.pipeline(statements, () => (at += 1), { signal });
    } catch (error) {
      signal.throwIfAborted();
      const item = items[at];
      throw item === undefined ? error : failed(error, item);
    }
  }
}

export interface RunInOrderOptions {
  readonly signal: AbortSignal;
  readonly onDone?: (object: RunnableObject) => void;
  /** The code of what rows are refused for; TARGET_STATEMENT_FAILED when not said. */
  readonly fallback?: ErrorCode | undefined;
}

/**
 * Runs objects one after the other on one session, without waiting for each answer: where the server is far away round
 * trips are what a schema takes. Each object's statements are one message, as with `runObject`; errors name it too.
 */
export async function runObjectsInOrder(
  session: Session,
  objects: readonly RunnableObject[],
  options: RunInOrderOptions,
): Promise<void> {
  const { signal } = options;
  const schemas = new OpenSchemas(session);
  const { inTransaction } = session;
  const waiting = objects.filter(({ sql }) => sql !== '');
  let at = 0;
  while (at < waiting.length) {
    const group = askableTogether(groupFrom(waiting, at, ({ sql }) => sql.length));
    const texts: string[] = [];
    for (const object of group) {
      const text = object.kind === 'owner' ? await schemas.sqlOf(object, { signal }) : statementsOf(object);
      texts.push(inTransaction && usesWorkers(object) ? underSavepoint(text) : text);
    }
    const done = (): void => {
      const object = waiting[at];
      at += 1;
      if (object === undefined) return;
      schemas.ran(object);
      options.onDone?.(object);
    };
    try {
      await session.pipeline(
        texts.map((text) => ({ text })),
        done,
        { signal },
      );
    } catch (error) {
      signal.throwIfAborted();
      const object = waiting[at];
      if (object === undefined) throw error;
      // Outside a transaction those behind it have run.
      if (!inTransaction || !usesWorkers(object) || !lacksSharedMemory(error))
        throw objectError(error, object, options);
      await againWithoutWorkers(session, object, inTransaction, options).catch((again: unknown) => {
        signal.throwIfAborted();
        throw objectError(again, object, options);
      });
      done();
    }
  }
}

/** As many as may be under way together, and one at least. */
function groupFrom<Item>(
  items: readonly Item[],
  start: number,
  lengthOf: (item: Item) => number,
): readonly Item[] {
  let length = 0;
  let end = start;
  for (const item of items.slice(start)) {
    length += lengthOf(item);
    if (end > start && length > underWayMax) break;
    end += 1;
  }
  return items.slice(start, end);
}

/** An owner's statement depends on an answer, which comes before the whole group: none of it may change that. */
function askableTogether(group: readonly RunnableObject[]): readonly RunnableObject[] {
  let changed = false;
  const end = group.findIndex((object) => {
    if (object.kind === 'owner' && changed) return true;
    changed ||= changesWhoMayCreate(object);
    return false;
  });
  return end === -1 ? group : group.slice(0, end);
}
