import { z } from 'zod';
import { scopes } from '../access/scope.ts';
import { tokenNamePattern } from '../access/tokens.ts';
import { knownEnvironment } from '../environments/known-environment.ts';
import { route } from './route.ts';
import type { Route } from './route.ts';
import { epochMs } from './schemas.ts';

const tokenSchema = z
  .object({
    name: z.string(),
    scope: z.enum(scopes),
    environments: z.array(z.string()).nullable().describe('Those it may act on; null for all'),
    createdAt: epochMs,
    createdBy: z.string(),
    expiresAt: epochMs.nullable(),
    expired: z.boolean(),
    lastUsedAt: epochMs.nullable().describe('To the minute; null where it was never used'),
  })
  .meta({ id: 'Token' });

const name = z.string().regex(tokenNamePattern, 'up to 40 lower case letters, digits and -');

const auditEntrySchema = z
  .object({
    at: epochMs,
    actor: z.string().describe('The token or key, as jobs name it'),
    action: z.string().describe('Method and address'),
    about: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]))
      .describe('Names and ids of the request; `started`: the job'),
    reason: z.string().nullable(),
    outcome: z.string().describe('`done`, or the code of the error'),
    address: z.string().nullable().describe('Where the request came from; null for the command line'),
  })
  .meta({ id: 'AuditEntry' });

/** Named keys for programs and people: who may do what, and who did. */
export const tokenRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/api/tokens',
    access: 'admin',
    tag: 'Access',
    summary: 'The named tokens, expired ones too',
    answers: {
      200: {
        description: 'By name.',
        schema: z.object({
          tokens: z.array(tokenSchema),
          damaged: z
            .array(z.object({ name: z.string(), message: z.string() }))
            .describe('Those whose file cannot be read: they open nothing, and can be revoked'),
        }),
      },
    },
    handle: async ({ access: { tokens } }) => ({
      status: 200,
      body: { tokens: await tokens.list(), damaged: await tokens.damaged() },
    }),
  }),
  route({
    method: 'post',
    path: '/api/tokens',
    access: 'admin',
    tag: 'Access',
    summary: 'Make a token; the answer shows it, and nothing ever again',
    description:
      '`read` looks at everything but rows; `operate` also starts, cancels, undoes and removes, in its ' +
      '`environments` (all, where none are named); `admin` may everything.',
    body: z.strictObject({
      name,
      scope: z.enum(scopes),
      environments: z.array(z.string().max(63)).min(1).max(1000).optional(),
      expiresAt: epochMs
        .optional()
        .describe('Epoch milliseconds; it holds until it is revoked where left out'),
    }),
    answers: {
      201: {
        description: 'The token, once in clear text as `secret`.',
        schema: z.object({ token: tokenSchema, secret: z.string() }),
      },
    },
    handle: async ({ access: { tokens }, config }, { body, pass }) => {
      for (const environment of body.environments ?? []) knownEnvironment(config.environments, environment);
      const { token, secret } = await tokens.create({
        name: body.name,
        scope: body.scope,
        environments: body.environments ?? null,
        expiresAt: body.expiresAt ?? null,
        createdBy: pass.principal.actor,
      });
      return { status: 201, body: { token, secret: secret.reveal() } };
    },
  }),
  route({
    method: 'get',
    path: '/api/audit',
    access: 'admin',
    tag: 'Access',
    summary: 'What was started, changed, removed or handed out, by whom; what was refused too',
    query: {
      limit: z.coerce.number().int().min(1).max(1000).default(100),
      before: z.coerce.number().optional().describe('`at` of the last entry of the page before'),
    },
    answers: {
      200: { description: 'Newest first.', schema: z.object({ entries: z.array(auditEntrySchema) }) },
    },
    handle: async ({ access: { audit } }, { query }) => ({
      status: 200,
      body: { entries: await audit.read(query) },
    }),
  }),
  route({
    method: 'delete',
    path: '/api/tokens/{name}',
    access: 'admin',
    tag: 'Access',
    summary: 'Revoke a token; what it has open is closed within a second',
    params: { name },
    answers: { 204: { description: 'It opens nothing any more.' } },
    handle: async ({ access: { tokens } }, { params }) => {
      await tokens.revoke(params.name);
      return { status: 204 };
    },
  }),
];
