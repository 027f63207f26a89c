import { z } from 'zod';
import { requests } from '../sync/contract/requests.ts';
import { accepted, startJob } from './run-routes.ts';
import { route } from './route.ts';
import type { Route } from './route.ts';

const at = z.number().describe('Epoch milliseconds');

const rehearsalSchema = z
  .object({
    environment: z.string(),
    proved: z
      .object({
        jobId: z.string(),
        dumpId: z.string(),
        server: z.string().describe('The environment whose server lent a database'),
        at,
        seconds: z.number(),
        rows: z.number(),
      })
      .nullable()
      .describe('The last rehearsal that proved a dump restorable'),
    failed: z
      .object({ jobId: z.string(), at, code: z.string() })
      .nullable()
      .describe('The last one that failed, where it came after that'),
    words: z.string().describe('The same in words'),
  })
  .meta({ id: 'Rehearsal' });

/** Whether dumps can be restored. */
export const rehearsalRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/api/rehearsals',
    access: 'read',
    tag: 'Dumps',
    summary: 'When the dumps of each environment were last proved restorable',
    answers: {
      200: {
        description: 'Of each environment that was ever rehearsed.',
        schema: z.object({ rehearsals: z.array(rehearsalSchema) }),
      },
    },
    handle: async ({ rehearsals }) => ({ status: 200, body: { rehearsals: await rehearsals() } }),
  }),
  route({
    method: 'post',
    path: requests.rehearsal.path,
    access: 'operate',
    owners: (_deps, { body }) => [body.server],
    tag: 'Run',
    summary: 'Prove that an environment’s newest dump can be restored',
    description:
      'It is restored into a database of its own on the server of another environment, compared with its manifest, ' +
      'and the database dropped. No environment is changed.',
    body: requests.rehearsal.input,
    answers: accepted,
    handle: (deps, { body, pass }) => startJob(deps, { kind: 'rehearsal', input: body }, pass),
  }),
];
