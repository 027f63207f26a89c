import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { copyIn } from '../../src/postgres/copy.ts';
import { withSession } from '../catalog/oracle.ts';
import { testDatabase } from '../support/postgres.ts';

test('statements that do not wait for each other are answered in their order, and a COPY may follow', async () => {
  const { url } = await testDatabase('pipeline');
  await withSession(url, 'target', async (session) => {
    await session.execute('CREATE TABLE public.t (v int)');
    const answers: unknown[] = [];
    await session.pipeline(
      [
        { text: 'SELECT 1 AS one' },
        { text: 'INSERT INTO public.t VALUES (1); INSERT INTO public.t VALUES (2)' },
        { text: 'SELECT $1::text[] AS two', values: [['a', 'b']] },
        { text: 'SELECT count(*)::int AS three FROM public.t' },
      ],
      (index, rows) => answers.push([index, rows]),
    );
    expect(answers).toEqual([
      [0, [{ one: 1 }]],
      [1, undefined],
      [2, [{ two: ['a', 'b'] }]],
      [3, [{ three: 2 }]],
    ]);
    expect(
      await copyIn(session, 'COPY public.t FROM STDIN', Readable.from(['3\n']), {
        signal: AbortSignal.timeout(30_000),
      }),
    ).toBe(1);
    expect(await session.query('SELECT count(*)::int AS n FROM public.t')).toEqual([{ n: 3 }]);
  });
});

test('of several that fail the first is told, and in a transaction nothing behind it is done', async () => {
  const { url } = await testDatabase('pipeline');
  await withSession(url, 'target', async (session) => {
    await session.execute('CREATE TABLE public.t (v int); BEGIN; SAVEPOINT before');
    const done: number[] = [];
    const failing = session.pipeline(
      [
        { text: 'INSERT INTO public.t VALUES (1)' },
        { text: 'INSERT INTO public.nowhere VALUES (1)' },
        { text: 'INSERT INTO public.t VALUES (2)' },
      ],
      (index) => done.push(index),
    );
    await expect(failing).rejects.toMatchObject({ code: '42P01' });
    expect(done).toEqual([0]);
    await session.execute('ROLLBACK TO SAVEPOINT before');
    expect(await session.query('SELECT * FROM public.t')).toEqual([]);
    await session.execute('ROLLBACK');
  });
});

test('an abort ends the statement under way and what is behind it', async () => {
  const { url } = await testDatabase('pipeline');
  await withSession(url, 'target', async (session) => {
    const stop = new AbortController();
    const running = session.pipeline(
      [{ text: 'SELECT 1' }, { text: 'SELECT pg_sleep(60)' }, { text: 'SELECT 2' }],
      (index) => {
        if (index === 0) stop.abort(new Error('enough'));
        expect(index).toBeLessThan(2);
      },
      { signal: stop.signal },
    );
    await expect(running).rejects.toThrow('enough');
    expect(session.broken).toBe(true);
  });
});
