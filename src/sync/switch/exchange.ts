import type { CatalogModel } from '../../catalog/model.ts';
import type { RunnableObject } from '../../plan/runnable-object.ts';
import { quoteIdentifier } from '../../postgres/identifiers.ts';
import type { CallOptions, Session } from '../../postgres/session.ts';
import { databaseError } from '../../postgres/sqlstate.ts';
import { movableSql } from '../in-place/apart.ts';
import { dropAll } from '../in-place/drop-all.ts';
import { runObjectsInOrder } from '../load/run-in-order.ts';

export interface ExchangeInput {
  readonly schemas: readonly {
    readonly live: string;
    /** Where the live objects go; it is made. */
    readonly old: string;
    /** Where the objects come from; it goes, when it is empty. */
    readonly next: string;
  }[];
  /** Ids of what neither moves nor goes. */
  readonly staying: ReadonlySet<string>;
  readonly dropped: CatalogModel['objects'];
  /** Made when all have moved. */
  readonly made: readonly RunnableObject[];
}

export interface ReadyExchange extends Pick<ExchangeInput, 'dropped' | 'made'> {
  readonly moves: readonly string[];
}

/** Asks for all that the exchange needs to know, as long as nobody waits. */
export async function prepareExchange(
  session: Session,
  { schemas, staying, dropped, made }: ExchangeInput,
  options: CallOptions,
): Promise<ReadyExchange> {
  const remains = new Set([...staying, ...dropped.map(({ id }) => id)].flatMap(movableId));
  const [aside, into]: [string[], string[]] = [[], []];
  for (const { live, old, next } of schemas) {
    await run(session, [`CREATE SCHEMA ${quoteIdentifier(old)}`], options);
    const moves = await movesOf(session, live, old, options);
    aside.push(...moves.filter(({ id }) => !remains.has(id)).map(({ sql }) => sql));
    into.push(...(await movesOf(session, next, live, options)).map(({ sql }) => sql));
    // Without CASCADE: whatever was not moved stops it.
    into.push(`DROP SCHEMA ${quoteIdentifier(next)}`);
  }
  return { dropped, made, moves: [...aside, ...into] };
}

/** Puts the live objects of some schemas aside, and others in their place, within the open transaction. */
export async function exchange(
  session: Session,
  { dropped, moves, made }: ReadyExchange,
  options: CallOptions & { readonly signal: AbortSignal },
): Promise<void> {
  await dropAll(session, dropped, options);
  await run(session, moves, options);
  await runObjectsInOrder(session, made, { ...options, fallback: 'TARGET_KEPT_TABLE' });
}

async function movesOf(
  session: Session,
  from: string,
  to: string,
  options: CallOptions,
): Promise<readonly { readonly sql: string; readonly id: string }[]> {
  return session.query(movableSql, [from, to], options);
}

const classOf: ReadonlyMap<string, string> = new Map([
  ['table', 'relation'],
  ['view', 'relation'],
  ['materialized view', 'relation'],
  ['foreign table', 'relation'],
  ['sequence', 'relation'],
  ['function', 'routine'],
  ['procedure', 'routine'],
  ['aggregate', 'routine'],
  ['enum', 'type'],
  ['domain', 'type'],
  ['composite type', 'type'],
  ['range type', 'type'],
  ['base type', 'type'],
]);

/** An id of the catalogue as movable-objects.sql has it; none for a part of something else. */
function movableId(id: string): readonly string[] {
  const [, kind = '', oid = ''] = /^(.*):(\d+)$/.exec(id) ?? [];
  const found = classOf.get(kind);
  return found === undefined ? [] : [`${found}:${oid}`];
}

async function run(session: Session, statements: readonly string[], options: CallOptions): Promise<void> {
  try {
    await session.execute(statements.join(';\n'), options);
  } catch (error) {
    options.signal?.throwIfAborted();
    throw databaseError(error, 'target', 'Moving objects between schemas');
  }
}
