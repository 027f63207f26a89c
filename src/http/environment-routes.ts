import { z } from 'zod';
import type { Environment } from '../environments/environment.ts';
import { unknownWords } from '../environments/known-environment.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { EnvironmentsAnswer } from './answers.ts';
import { route } from './route.ts';
import type { Route } from './route.ts';
import { environmentSchema, environmentTestSchema, maskSuggestionsSchema } from './schemas.ts';

/** What may be named as source and target. Addresses are shown without user and password. */
export const environmentRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/api/environments',
    access: 'read',
    tag: 'Environments',
    summary: 'The configured environments',
    answers: {
      200: {
        description: 'By name.',
        schema: z.object({ environments: z.array(environmentSchema) }),
      },
    },
    handle: async ({ config }) => {
      const environments = [...config.environments.values()].map((environment) => shown(environment));
      const body: EnvironmentsAnswer = { environments };
      return { status: 200, body };
    },
  }),
  route({
    method: 'post',
    path: '/api/environments/{name}/test',
    access: 'read',
    tag: 'Environments',
    summary: 'Connect to an environment’s database and search',
    description:
      'Reads only. A database or Typesense that cannot be used is part of the answer, not an error.',
    params: { name: z.string().max(63) },
    answers: { 200: { description: 'What was found.', schema: environmentTestSchema } },
    handle: async ({ config, testEnvironment }, { params, signal }) => {
      if (!config.environments.has(params.name)) {
        throw new SyncError('USAGE_NOT_FOUND', unknownWords(config.environments, params.name));
      }
      return { status: 200, body: await testEnvironment(params.name, { signal }) };
    },
  }),
  route({
    method: 'get',
    path: '/api/environments/{name}/mask-suggestions',
    // It reads rows, of each table, and says what they look like.
    access: 'operate',
    owners: (_deps, { params }) => [params.name],
    tag: 'Environments',
    summary: 'Columns that look personal and have no mask',
    description:
      'By their names and comments, and by what the values of the first thousand rows of each table look like. The ' +
      'server counts; no value leaves it.',
    params: { name: z.string().max(63) },
    answers: { 200: { description: 'Columns and the rules that fit.', schema: maskSuggestionsSchema } },
    handle: async ({ config, suggestMasks }, { params, signal }) => {
      if (!config.environments.has(params.name)) {
        throw new SyncError('USAGE_NOT_FOUND', unknownWords(config.environments, params.name));
      }
      return { status: 200, body: await suggestMasks(params.name, { signal }) };
    },
  }),
];

function shown({
  name,
  protection,
  schema,
  database,
  search,
}: Environment): z.infer<typeof environmentSchema> {
  const { host, port, database: databaseName } = database.parts;
  return { name, protection, schema, database: { host, port, name: databaseName }, search: search !== null };
}
