import type { PipelineQueryable } from '../postgres/session.ts';
import { SyncError } from '../errors/sync-error.ts';
import { nothingWithout, presenceSql } from './presence/presence.ts';
import { sqlForServer } from './sql-for-server.ts';

/** What a reader of one kind needs: rows of a catalog query, with the lines of its SQL that this server knows. */
export interface CatalogSession {
  readonly versionNum: number;
  /** Returns no rows, without a query, for a kind that the database does not have (presence.sql). */
  rows<Row>(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
}

/** Its owner's end of it. */
export interface OpenCatalogSession extends CatalogSession {
  /** Gives up what is not asked yet, and waits for what is: the session is free again then. */
  close(): Promise<void>;
}

interface Asked {
  readonly text: string;
  readonly values: readonly unknown[];
  readonly rows: Promise<readonly unknown[]>;
  readonly answer: (rows: readonly unknown[]) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * For one reading: what is there is looked up once. Questions asked at the same time go to the server together, so that
 * readers that do not wait for each other cost one round trip. What is asked meanwhile goes with the next round.
 */
export function catalogSession(
  session: PipelineQueryable,
  versionNum: number,
  signal: AbortSignal | undefined,
): OpenCatalogSession {
  let waiting: Asked[] = [];
  let sending: Promise<void> | null = null;
  let closed = false;

  const send = async (): Promise<void> => {
    // Everything that is asked in the same turn.
    await Promise.resolve();
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      await sendTogether(session, batch, signal);
    }
    sending = null;
  };

  const ask = async <Row>(sql: string, values: readonly unknown[] = []): Promise<readonly Row[]> => {
    signal?.throwIfAborted();
    // A reader that goes on after another one has failed: nobody waits for it.
    if (closed) throw new SyncError('INTERNAL', 'The catalogue is not read any more.');
    const text = sqlForServer(sql, versionNum);
    const same = waiting.find((other) => other.text === text && values.length + other.values.length === 0);
    if (same !== undefined) return same.rows as Promise<readonly Row[]>;
    let answer: Asked['answer'] = () => {};
    let fail: Asked['fail'] = () => {};
    const rows = new Promise<readonly unknown[]>((resolve, reject) => {
      answer = resolve;
      fail = reject;
    });
    waiting.push({ text, values, rows, answer, fail });
    sending ??= send();
    return rows as Promise<readonly Row[]>;
  };

  let present: Promise<ReadonlySet<string>> | null = null;
  const look = async (): Promise<ReadonlySet<string>> =>
    new Set((await ask<{ name: string }>(presenceSql)).map(({ name }) => name));

  return {
    versionNum,
    rows: async <Row>(sql: string, values?: readonly unknown[]) => {
      const kind = nothingWithout(sql);
      if (kind === null) return ask<Row>(sql, values);
      present ??= look();
      return (await present).has(kind) ? ask<Row>(sql, values) : [];
    },
    close: async () => {
      closed = true;
      waiting = [];
      await sending;
    },
  };
}

async function sendTogether(
  session: PipelineQueryable,
  batch: readonly Asked[],
  signal: AbortSignal | undefined,
): Promise<void> {
  let answered = 0;
  try {
    await session.pipeline(
      batch,
      (index, rows) => {
        answered = index + 1;
        batch[index]?.answer(rows);
      },
      { signal },
    );
  } catch (error) {
    const [failed, ...behind] = batch.slice(answered);
    failed?.fail(error);
    // Whoever asked what failed is heard first: it may have better words for it.
    await new Promise((resolve) => setImmediate(resolve));
    for (const { fail } of behind) fail(error);
  }
}
