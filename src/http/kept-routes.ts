import { z } from 'zod';
import { route } from './route.ts';
import type { Route } from './route.ts';
import { keptDetailsSchema, keptStateSchema } from './schemas.ts';

/** The name of a kept database, or the id of a safety copy. */
const id = z.string().min(1).max(63);

/** What undos go back by. */
export const keptRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/api/kept',
    access: 'read',
    tag: 'Kept',
    summary: 'Former states that are kept for undo',
    description:
      'Kept databases, safety copies and kept rows of merges, newest first, of all environments or of one.',
    query: { environment: z.string().max(63).optional() },
    answers: {
      200: {
        description: 'With the servers that could not be asked.',
        schema: z.object({
          kept: z.array(keptStateSchema),
          notAsked: z.array(z.object({ environment: z.string(), reason: z.string() })),
          unreadable: z.array(z.string()).describe('Manifests of dumps that cannot be read'),
        }),
      },
    },
    handle: async ({ kept }, { query, signal }) => ({
      status: 200,
      body: await kept.list(query.environment, { signal }),
    }),
  }),
  route({
    method: 'get',
    path: '/api/kept/{id}',
    access: 'read',
    tag: 'Kept',
    summary: 'One kept state: the job it belongs to, and what its undo would bring back',
    params: { id },
    answers: { 200: { description: 'The state.', schema: keptDetailsSchema } },
    handle: async ({ kept }, { params, signal }) => ({
      status: 200,
      body: await kept.get(params.id, { signal }),
    }),
  }),
  route({
    method: 'delete',
    path: '/api/kept/{id}',
    access: 'operate',
    owners: (_deps, { query }) => [query.confirm],
    tag: 'Kept',
    summary: 'Remove a kept state; its job cannot be undone any more',
    params: { id },
    query: { confirm: z.string().max(63).describe('The name of its environment') },
    answers: { 204: { description: 'It is gone.' } },
    handle: async ({ kept }, { params, query, signal }) => {
      await kept.drop({ id: params.id, confirm: query.confirm }, { signal });
      return { status: 204 };
    },
  }),
];
