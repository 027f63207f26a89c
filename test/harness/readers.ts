import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from 'pg';
import { connected } from './applications.ts';

export interface Asked {
  readonly errors: readonly string[];
  readonly answers: number;
  readonly longestMs: number;
}

/**
 * Twenty clients that ask all the time, every second one with prepared statements, every fifth in transactions of two
 * questions, to which `inTransaction` is added. Returns how to end them, and hear what they met.
 */
export async function readers(
  url: string,
  questions: readonly string[],
  inTransaction: readonly string[] = [],
): Promise<() => Promise<Asked>> {
  const errors: string[] = [];
  let answers = 0;
  let longestMs = 0;
  const over = new AbortController();
  const ask = async (client: Client, index: number): Promise<void> => {
    for (let turn = index; !over.signal.aborted; turn += 1) {
      const number = turn % questions.length;
      const text = questions[number] ?? '';
      const started = performance.now();
      try {
        if (index % 5 === 0) {
          await client.query('BEGIN');
          for (const one of [text, questions[(number + 1) % questions.length] ?? '', ...inTransaction])
            await client.query(one);
          await client.query('COMMIT');
        } else await client.query(index % 2 === 0 ? { name: `q${number}`, text } : text);
        answers += 1;
        longestMs = Math.max(longestMs, performance.now() - started);
      } catch (error) {
        errors.push(`${(error as { code?: string }).code ?? ''} ${(error as Error).message}`);
        await client.query('ROLLBACK').catch(() => {});
      }
      await delay(10);
    }
  };
  const clients = await Promise.all(Array.from({ length: 20 }, () => connected(url)));
  const asking = clients.map(ask);
  return async () => {
    over.abort();
    await Promise.all(asking);
    return { errors, answers, longestMs };
  };
}
