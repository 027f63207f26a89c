import { EventEmitter } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import type pg from 'pg';
import { expect, test } from 'vitest';
import { copyIn, copyOut } from './copy.ts';
import { Session } from './session.ts';
import type { CancelBackend } from './session.ts';
import { asSyncError } from '../errors/sync-error.ts';
import { databaseError } from './sqlstate.ts';

/** A connection on which nothing happens: what was sent, and how the statement under way ends. */
function quietConnection(cancelBackend: CancelBackend = () => Promise.resolve()) {
  const sent: unknown[] = [];
  const { promise, resolve, reject } = deferred<{ rows: unknown[] }>();
  const client = Object.assign(new EventEmitter(), {
    connection: {
      stream: Object.assign(new EventEmitter(), { bytesRead: 0, bytesWritten: 0, closed: true }),
    },
    query: (statement: unknown) => {
      sent.push(statement);
      return promise;
    },
    released: [] as unknown[],
    release: (destroy?: boolean) => client.released.push(destroy),
  });
  const session = new Session(client as unknown as pg.PoolClient, 1, {
    cancelBackend,
    isReachable: () => Promise.resolve(true),
    failure: (error) => databaseError(error, 'target', 'Working on it'),
    silenceMs: 60_000,
    quietMs: 60_000,
  });
  return { session, sent, client, resolve, reject };
}

function deferred<T>() {
  let resolve: (value: T) => void = () => {};
  let reject: (reason: unknown) => void = () => {};
  const promise = new Promise<T>((ok, fail) => {
    resolve = ok;
    reject = fail;
  });
  return { promise, resolve, reject };
}

const fired = { signal: AbortSignal.abort(new Error('stopped before')) };

test('with a signal that has fired nothing is sent, and nobody else gets the session', async () => {
  const { session, sent, client } = quietConnection();
  await expect(session.query('SELECT 1', [], fired)).rejects.toThrow('stopped before');
  await expect(session.execute('SELECT 1', fired)).rejects.toThrow('stopped before');
  await expect(session.executeBytes(Buffer.from('SELECT 1'), fired)).rejects.toThrow('stopped before');
  await expect(copyIn(session, 'COPY t FROM STDIN', Readable.from(['1\n']), fired)).rejects.toThrow(
    'stopped before',
  );
  await expect(copyOut(session, 'COPY t TO STDOUT', fired, () => Promise.resolve())).rejects.toThrow(
    'stopped before',
  );
  expect(sent).toEqual([]);
  await session.release();
  expect(client.released).toEqual([true]);
});

test('rows that will not be copied are not left open', async () => {
  const rows = new PassThrough();
  await expect(copyIn(quietConnection().session, 'COPY t FROM STDIN', rows, fired)).rejects.toThrow(
    'stopped before',
  );
  expect(rows.destroyed).toBe(true);
});

test.each(['ends by itself', 'is cancelled'])(
  'a statement that %s while the cancel request is on its way returns after it',
  async (how) => {
    const order: string[] = [];
    const cancelled = deferred<void>();
    const { session, resolve, reject } = quietConnection(() =>
      cancelled.promise.then(() => void order.push('cancelled')),
    );
    const controller = new AbortController();
    const running = session
      .query('SELECT 1', [], { signal: controller.signal })
      .then(
        () => 'rows',
        (error: unknown) => (error as Error).message,
      )
      .finally(() => order.push('returned'));
    controller.abort(new Error('stopped'));
    if (how === 'is cancelled') reject(new Error('57014'));
    else resolve({ rows: [] });
    await new Promise(setImmediate);
    expect(order).toEqual([]);
    cancelled.resolve();
    expect(await running).toBe(how === 'is cancelled' ? 'stopped' : 'rows');
    expect(order).toEqual(['cancelled', 'returned']);
  },
);

test.each(['57P01', '57P05', '25P03', '25P04'])(
  'a session that the server ends (%s) is lost with that answer',
  async (code) => {
    const { session, reject } = quietConnection();
    const asked = session.query('SELECT 1');
    reject(Object.assign(new Error('terminating connection'), { code }));
    const error = await asked.catch((thrown: unknown) => thrown);
    // Wherever it ends up: a server that goes away is no fault of this program.
    expect(asSyncError(error)).toMatchObject({
      code: 'TARGET_UNAVAILABLE',
      message: expect.stringContaining('Working on it'),
    });
    expect(session.broken).toBe(true);
  },
);
