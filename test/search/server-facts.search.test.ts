import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { sharedTypesense, startTypesense } from '../support/typesense.ts';
import { freshAlias, Wire } from './fixture.ts';

/**
 * What the design rests on, seen on the real server (0.24.1). When one of these fails on a newer server, the place that
 * relies on it needs a look; none of our own code is under test here.
 */
interface Result {
  readonly success?: boolean;
  readonly code?: number;
  readonly error?: string;
  readonly document?: unknown;
  readonly id?: unknown;
}

async function collection(wire: Wire, fields: readonly object[]): Promise<string> {
  const name = freshAlias('fact');
  const created = await wire.send('POST', '/collections', { name, fields });
  expect(created.status).toBe(201);
  return name;
}

const imports = async (wire: Wire, name: string, lines: readonly string[], query = ''): Promise<Result[]> => {
  const path = `/collections/${name}/documents/import?dirty_values=reject&action=create${query}`;
  const { status, text } = await wire.send('POST', path, lines.join('\n'));
  expect(status).toBe(200);
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Result);
};

const count = async (wire: Wire, name: string): Promise<number> =>
  (await wire.json<{ num_documents: number }>(`/collections/${name}`)).num_documents;

const textField = { name: 't', type: 'string', optional: true };
const numberField = { name: 'n', type: 'int32', optional: true };

/** Sends a request head and the first `bytes` of its body, then cuts the connection. */
async function cutUpload(wire: Wire, path: string, body: string, bytes: number): Promise<void> {
  const { hostname, port } = new URL(wire.url);
  const socket = connect(Number(port), hostname);
  const head = `POST ${path} HTTP/1.1\r\nhost: x\r\nx-typesense-api-key: ${wire.apiKey}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`;
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.write(head + body.slice(0, bytes), () => resolve());
  });
  // end() says goodbye after what was written is delivered; destroy() could take delivered bytes back.
  await new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
    socket.on('data', () => {});
    socket.end();
    socket.once('end', () => socket.destroy());
    setTimeout(() => socket.destroy(), 300).unref();
  });
}

test('200 with failures by line: in order, none for a blank line, with the raw line and without an id', async () => {
  const wire = new Wire(sharedTypesense());
  const name = await collection(wire, [numberField]);
  const bad = '{"id":"2","n":"x"}';
  const results = await imports(wire, name, ['{"id":"1"}', '', bad, '{"id":"3"}'], '&return_id=true');
  expect(results.map(({ success }) => success)).toEqual([true, false, true]);
  expect(results[1]).toMatchObject({ code: 400, document: bad });
  expect(results[1]).not.toHaveProperty('id');
});

test('an id must be a string; twice the same id is a 409 on its line', async () => {
  const wire = new Wire(sharedTypesense());
  const name = await collection(wire, [textField]);
  const results = await imports(wire, name, ['{"id":1}', '{"id":""}', '{"id":"a"}', '{"id":"a"}']);
  expect(results.map(({ code }) => code)).toEqual([400, 400, undefined, 409]);
});

test('an upload cut before its end indexes nothing; cut right after its last byte, everything', async () => {
  const wire = new Wire(await startTypesense());
  const early = await collection(wire, [textField]);
  const late = await collection(wire, [textField]);
  const lines = Array.from({ length: 5000 }, (_, n) => JSON.stringify({ id: String(n), t: `text ${n}` }));
  const body = lines.join('\n');
  const path = (name: string): string => `/collections/${name}/documents/import?action=create`;
  await cutUpload(wire, path(early), body, body.length - 1000);
  await cutUpload(wire, path(late), body, body.length);
  await expect.poll(() => count(wire, late), { timeout: 10_000 }).toBe(5000);
  expect(await count(wire, early)).toBe(0);
});

test('alias over a collection is refused, a collection over an alias wins, an alias may point at nothing', async () => {
  const wire = new Wire(sharedTypesense());
  const name = await collection(wire, [textField]);
  const clash = await wire.send('PUT', `/aliases/${name}`, { collection_name: name });
  expect(clash.status).toBe(500);
  expect(clash.text).toContain('conflicts with an existing collection name');
  const alias = freshAlias('alias');
  expect((await wire.send('PUT', `/aliases/${alias}`, { collection_name: 'nowhere' })).status).toBe(200);
  expect((await wire.send('GET', `/collections/${alias}`)).status).toBe(404);
  const shadow = await wire.send('POST', '/collections', { name: alias, fields: [textField] });
  expect(shadow.status).toBe(201);
  expect((await wire.json<{ name: string }>(`/collections/${alias}`)).name).toBe(alias);
});

test('DELETE through an alias drops the real collection', async () => {
  const wire = new Wire(sharedTypesense());
  const name = await collection(wire, [textField]);
  const alias = freshAlias('alias');
  await wire.send('PUT', `/aliases/${alias}`, { collection_name: name });
  expect((await wire.send('DELETE', `/collections/${alias}`)).status).toBe(200);
  expect((await wire.send('GET', `/collections/${name}`)).status).toBe(404);
});

test('a document that fails while it is indexed is counted all the same', async () => {
  const wire = new Wire(sharedTypesense());
  const name = await collection(wire, [{ name: 'where', type: 'geopoint', optional: true }]);
  const [result] = await imports(wire, name, ['{"id":"1","where":[1,"x"]}']);
  expect(result).toMatchObject({ success: false, code: 400 });
  expect(await count(wire, name)).toBe(1);
  expect((await wire.documents(name)).size).toBe(0);
});

test('int32 is not checked for its range, int64 is kept to the last digit', async () => {
  const wire = new Wire(sharedTypesense());
  const name = await collection(wire, [numberField, { name: 'big', type: 'int64', optional: true }]);
  const results = await imports(wire, name, [
    '{"id":"1","n":3000000000}',
    '{"id":"2","big":9007199254740993}',
    '{"id":"3","big":9223372036854775808}',
  ]);
  expect(results.every(({ success }) => success === true)).toBe(true);
  const found = await wire.json<{ found: number }>(
    `/collections/${name}/documents/search?q=*&filter_by=${encodeURIComponent('n:<0')}`,
  );
  expect(found.found).toBe(1);
  expect((await wire.send('GET', `/collections/${name}/documents/2`)).text).toContain('9007199254740993');
});

test('null in a schema field is dropped, in another key it stays', async () => {
  const wire = new Wire(sharedTypesense());
  const name = await collection(wire, [textField]);
  await imports(wire, name, ['{"id":"1","t":null,"extra":null}']);
  expect((await wire.documents(name)).get('1')).toEqual({ id: '1', extra: null });
});

test('an export is in order of insertion, keys sorted, without a last newline, and takes include_fields', async () => {
  const wire = new Wire(sharedTypesense());
  const name = await collection(wire, [textField]);
  await imports(wire, name, ['{"t":"x","id":"2","b":1}', '{"t":"y","id":"1","a":1}']);
  const all = await wire.send('GET', `/collections/${name}/documents/export`);
  expect(all.text).toBe('{"b":1,"id":"2","t":"x"}\n{"a":1,"id":"1","t":"y"}');
  const some = await wire.send('GET', `/collections/${name}/documents/export?include_fields=id`);
  expect(some.text).toBe('{"id":"2"}\n{"id":"1"}');
});

test('writes switched off: imports and aliases get 422 while health stays good', async () => {
  const wire = new Wire(await startTypesense());
  const name = await collection(wire, [textField]);
  expect((await wire.send('POST', '/config', { 'skip-writes': true })).status).toBeLessThan(300);
  expect((await wire.send('POST', `/collections/${name}/documents/import`, '{"id":"1"}')).status).toBe(422);
  expect((await wire.send('PUT', '/aliases/a', { collection_name: name })).status).toBe(422);
  expect(await wire.send('GET', '/health')).toMatchObject({ status: 200, text: '{"ok":true}' });
});

test('a key needs aliases:upsert for PUT; aliases:create is not enough', async () => {
  const wire = new Wire(sharedTypesense());
  const put = async (action: string): Promise<number> => {
    const key = freshAlias('key');
    await wire.send('POST', '/keys', {
      description: key,
      actions: [action],
      collections: ['.*'],
      value: key,
    });
    const limited = new Wire({ url: wire.url, apiKey: key });
    return (await limited.send('PUT', `/aliases/${freshAlias('alias')}`, { collection_name: 'x' })).status;
  };
  expect(await put('aliases:create')).toBe(401);
  expect(await put('aliases:upsert')).toBe(200);
});

test('an error body may not be JSON', async () => {
  const wire = new Wire(sharedTypesense());
  const { status, text } = await wire.send('POST', '/collections', {
    name: freshAlias('fact'),
    fields: [{ name: 'quote"d', type: 'nope' }],
  });
  expect(status).toBe(400);
  expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError);
});
