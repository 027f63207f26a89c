import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { Secret } from '../../../src/lib/secret.ts';
import type { JobEvent } from '../../../src/progress/progress.ts';
import { readJobRecord } from '../../../src/sync/journal/records.ts';
import { atFileEnd } from '../../support/postgres.ts';
import { rowsOf } from '../../harness/environment-pair.ts';
import { failure } from '../../harness/failure.ts';
import { partsAndProfiles } from '../../harness/parts-and-profiles.ts';

test('in place, the search fails after the database was replaced: the job can be undone', async () => {
  // It answers what is asked before the work, takes collections, and no document.
  const answers: Readonly<Record<string, string>> = {
    '/health': '{"ok": true}',
    '/debug': '{"version": "0.24.1", "state": 1}',
    '/stats.json': '{"pending_write_batches": 0}',
    '/aliases': '{"aliases": []}',
    '/collections': '[]',
  };
  const refusing = createServer((request, response) => {
    const { method = '', url = '' } = request;
    const shown = url.startsWith('/collections?') ? '[]' : answers[url];
    const answer = method === 'GET' ? shown : undefined;
    const json = { 'content-type': 'application/json' };
    if (answer !== undefined) response.writeHead(200, json).end(answer);
    else if (method === 'GET') response.writeHead(404, json).end('{"message": "Not Found"}');
    else if (method === 'POST' && url === '/collections') {
      response.writeHead(201, json);
      request.pipe(response);
    } else if (method === 'DELETE') response.writeHead(200, json).end('{}');
    else response.writeHead(401, json).end('{"message": "Forbidden"}');
  });
  await new Promise<void>((resolve) => refusing.listen(0, '127.0.0.1', resolve));
  atFileEnd(() => new Promise<void>((resolve) => refusing.close(() => resolve())));
  const address = refusing.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const bench = await partsAndProfiles({
    change: (config) => ({
      ...config,
      collections: [
        {
          name: 'parts',
          query: `SELECT json_build_object('id', id::text) AS document FROM {schema}."Part"`,
          fields: [{ name: 'name', type: 'string', optional: true }],
        },
      ],
      environments: new Map(
        [...config.environments].map(([name, environment]) => [
          name,
          name === 'dst'
            ? {
                ...environment,
                search: { nodes: [`http://127.0.0.1:${address.port}`], apiKey: new Secret('none') },
              }
            : environment,
        ]),
      ),
    }),
  });
  let jobId = '';
  const onEvent = (event: JobEvent): void => {
    if (event.type === 'progress') ({ jobId } = event.progress);
  };
  const error = await failure(bench.sync('in-place', { search: true }, { onEvent }));
  expect([error.category, error.message]).toEqual(['auth', expect.stringContaining('has the new data')]);
  expect(await rowsOf(bench.target, '"Part"')).toEqual(['(1,new)']);
  expect(await readJobRecord(bench.config, jobId)).toMatchObject({
    state: 'failed',
    error: { code: error.code },
    receipt: { mode: 'in-place', target: 'dst', backup: { rows: 3 }, collections: [] },
  });
  await bench.target.query(`INSERT INTO "Profile" VALUES (2, 'Bob')`);
  await bench.rollback(jobId);
  expect(await rowsOf(bench.target, '"Part"')).toEqual(['(1,old)']);
  expect(await rowsOf(bench.target, '"Profile"')).toEqual(['(1,Ann)', '(2,Bob)']);
  expect((await failure(bench.rollback(jobId))).code).toBe('CONFLICT_STATE');
});
