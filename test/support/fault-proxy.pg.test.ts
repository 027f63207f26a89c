import { describe, expect, test } from 'vitest';
import { startFaultProxy } from './fault-proxy.ts';
import { testDatabase } from './postgres.ts';
import { queryOnce } from './postgres-connection.ts';
import { Client } from 'pg';

const database = testDatabase('proxy');

async function proxied(): Promise<{ proxy: Awaited<ReturnType<typeof startFaultProxy>>; url: string }> {
  const { url } = await database;
  const proxy = await startFaultProxy(url);
  return { proxy, url: proxy.through(url) };
}

const big = `SELECT repeat('x', 5000000) AS text`;

describe('the fault proxy', () => {
  test('passes everything on while no fault is on', async () => {
    const { url, proxy } = await proxied();
    const [row] = await queryOnce(url, big);
    expect(String(row?.['text'])).toHaveLength(5_000_000);
    expect(proxy.bytes.down).toBeGreaterThan(5_000_000);
  });

  test('delays and throttles', async () => {
    const { url, proxy } = await proxied();
    proxy.delay(50);
    const before = performance.now();
    await queryOnce(url, 'SELECT 1');
    expect(performance.now() - before).toBeGreaterThan(200);
    proxy.heal();
    proxy.throttle(1_000_000);
    const start = performance.now();
    await queryOnce(url, `SELECT repeat('x', 500000) AS text`);
    expect(performance.now() - start).toBeGreaterThan(400);
  });

  test('cuts after as many bytes as asked, once', async () => {
    const { url, proxy } = await proxied();
    proxy.cutAfter(1_000_000, 'down');
    await expect(queryOnce(url, big)).rejects.toThrow();
    expect(proxy.bytes.down).toBe(1_000_000);
    expect(await queryOnce(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('half open: silent, until healed', async () => {
    const { url, proxy } = await proxied();
    const client = new Client({ connectionString: url });
    await client.connect();
    proxy.halfOpen();
    let answered = false;
    const answer = client.query('SELECT 1 AS one').then((result) => {
      answered = true;
      return result.rows as unknown;
    });
    await queryOnce((await database).url, 'SELECT pg_sleep(0.2)');
    expect(answered).toBe(false);
    proxy.heal();
    expect(await answer).toEqual([{ one: 1 }]);
    await client.end();
  });

  test('reset: open connections break and new ones are refused, until healed', async () => {
    const { url, proxy } = await proxied();
    const client = new Client({ connectionString: url });
    client.on('error', () => {});
    await client.connect();
    proxy.reset();
    await expect(client.query('SELECT 1')).rejects.toThrow();
    await expect(queryOnce(url, 'SELECT 1')).rejects.toThrow();
    proxy.heal();
    expect(await queryOnce(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });
});
