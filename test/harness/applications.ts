import { Client } from 'pg';
import { setTimeout as delay } from 'node:timers/promises';
import { atFileEnd } from '../support/postgres.ts';

/** What an application saw, one entry a change: a value it read, or the SQLSTATE of a refusal. */
export interface Seen {
  readonly what: string;
  readonly refused: boolean;
  readonly fromMs: number;
  toMs: number;
}

export interface Application {
  /** Ends it after one more answer, and returns what it saw, in order. */
  stop(): Promise<readonly Seen[]>;
}

/**
 * An application that asks the same question as fast as it can, and connects again whenever its connection is gone.
 * `sql` returns one row with a column `seen`.
 */
export function application(url: string, sql: string): Application {
  const seen: Seen[] = [];
  const end = new AbortController();
  let patientUntil = 0;
  const note = (what: string, refused: boolean): void => {
    const now = performance.now();
    const last = seen.at(-1);
    if (last?.what === what && last.refused === refused) last.toMs = now;
    else seen.push({ what, refused, fromMs: last?.toMs ?? now, toMs: now });
  };
  const run = async (): Promise<void> => {
    let client: Client | null = null;
    let ended: string | undefined;
    for (let isLast = false; !isLast;) {
      // What it was told last may be older than what the test did; where nobody answers it waits a while.
      isLast = end.signal.aborted;
      try {
        if (client === null) {
          ended = undefined;
          client = await connected(url);
          // One that is ended between two questions hears of it here; pg then only says that it is no use any more.
          client.on('error', (error) => {
            ended ??= (error as { code?: string }).code;
          });
        }
        const { rows } = await client.query<{ seen: unknown }>(sql);
        note(String(rows[0]?.seen), false);
      } catch (error) {
        note(ended ?? (error as { code?: string }).code ?? (error as Error).message, true);
        await client?.end().catch(() => {});
        client = null;
        await delay(2);
        isLast &&= performance.now() > patientUntil;
      }
    }
    await client?.end();
  };
  const running = run();
  const stop = async (): Promise<readonly Seen[]> => {
    if (!end.signal.aborted) patientUntil = performance.now() + 10_000;
    end.abort();
    await running;
    return seen;
  };
  atFileEnd(async () => {
    await stop();
  });
  return { stop };
}

/** A connection that stays open, doing nothing or holding what its statement took. */
export async function connected(url: string, sql = 'SELECT 1'): Promise<Client> {
  const client = new Client({ connectionString: url, application_name: 'an application' });
  client.on('error', () => {});
  await client.connect();
  await client.query(sql);
  atFileEnd(() => client.end().catch(() => {}));
  return client;
}
