import { describe, expect, test } from 'vitest';
import { sharedTypesense, startTypesense } from './typesense.ts';

async function status(url: string, path: string, key?: string): Promise<number> {
  const headers: Record<string, string> = key === undefined ? {} : { 'x-typesense-api-key': key };
  return (await fetch(url + path, { headers })).status;
}

describe('Typesense for tests', () => {
  test('the shared one answers, to its key only', async () => {
    const { url, apiKey } = sharedTypesense();
    expect(await status(url, '/collections', apiKey)).toBe(200);
    expect(await status(url, '/collections', 'wrong')).toBe(401);
  });

  test('one of the test’s own can be killed and comes back with its data', async () => {
    const server = await startTypesense();
    const create = await fetch(`${server.url}/collections`, {
      method: 'POST',
      headers: { 'x-typesense-api-key': server.apiKey },
      body: JSON.stringify({ name: 'kept', fields: [{ name: 'name', type: 'string' }] }),
    });
    expect(create.status).toBe(201);
    await server.kill();
    await expect(status(server.url, '/health')).rejects.toThrow();
    await server.restart();
    expect(await status(server.url, '/collections/kept', server.apiKey)).toBe(200);
    await server.stop();
  });
});
