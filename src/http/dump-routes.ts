import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { idPattern } from '../lib/ids.ts';
import { ownersOfDump } from './owners.ts';
import { route } from './route.ts';
import type { Route } from './route.ts';
import { dumpSchema } from './schemas.ts';

const id = z.string().regex(idPattern, 'an id');

/** The catalogue of dumps: safety copies and exports, by id. */
export const dumpRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/api/dumps',
    access: 'read',
    tag: 'Dumps',
    summary: 'Dumps, newest first',
    answers: { 200: { description: 'Every whole dump.', schema: z.object({ dumps: z.array(dumpSchema) }) } },
    handle: async ({ dumps }) => ({ status: 200, body: { dumps: await dumps.list() } }),
  }),
  route({
    method: 'get',
    path: '/api/dumps/{id}',
    access: 'read',
    tag: 'Dumps',
    summary: 'One dump with its tables',
    params: { id },
    answers: {
      200: {
        description: 'The dump; its manifest without the places inside the file.',
        schema: dumpSchema.extend({
          source: z.looseObject({}),
          snapshot: z.looseObject({}),
          objects: z.number(),
          contents: z.array(z.looseObject({ schema: z.string(), name: z.string(), rows: z.number() })),
        }),
      },
    },
    handle: async ({ dumps }, { params }) => {
      const { summary, manifest } = await dumps.get(params.id);
      const { source, snapshot, objects, tables } = manifest;
      const contents = tables.map(({ schema, name, content, rows, rawBytes, digest }) => ({
        schema,
        name,
        content,
        rows,
        rawBytes,
        digest,
      }));
      return { status: 200, body: { ...summary, source, snapshot, objects: objects.length, contents } };
    },
  }),
  route({
    method: 'get',
    path: '/api/dumps/{id}/download',
    access: 'operate',
    owners: (deps, { params }) => ownersOfDump(deps, params.id),
    tag: 'Dumps',
    summary: 'The file of a dump',
    description: 'Plain SQL for psql, gzipped where the dump is.',
    params: { id },
    answers: { 200: { description: 'The bytes, as stored.', contentType: 'application/octet-stream' } },
    handle: async ({ dumps }, { params, signal }) => {
      const { summary, fileName, stream } = await dumps.open(params.id);
      return {
        stream: async (response) => {
          response.writeHead(200, {
            'Content-Type': summary.compression === 'gzip' ? 'application/gzip' : 'application/sql',
            'Content-Length': summary.bytes,
            // Ids hold letters, digits, - and _ only, so the name needs no quoting rules.
            'Content-Disposition': `attachment; filename="${fileName}"`,
            'Cache-Control': 'no-store, no-transform',
            ETag: `"${summary.sha256}"`,
          });
          await pipeline(stream, response, { signal });
        },
      };
    },
  }),
  route({
    method: 'delete',
    path: '/api/dumps/{id}',
    access: 'operate',
    owners: (deps, { params }) => ownersOfDump(deps, params.id),
    tag: 'Dumps',
    summary: 'Remove a dump',
    params: { id },
    answers: { 204: { description: 'It is gone.' } },
    handle: async ({ dumps }, { params }) => {
      await dumps.remove(params.id);
      return { status: 204 };
    },
  }),
];
