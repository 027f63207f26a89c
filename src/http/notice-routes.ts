import { z } from 'zod';
import { noticeEvents } from '../notices/channel.ts';
import { route } from './route.ts';
import type { Route } from './route.ts';

const channelViewSchema = z
  .object({
    name: z.string(),
    type: z.enum(['webhook', 'slack', 'email']),
    to: z.array(z.string()).nullable().describe('Of e-mail'),
    events: z.array(z.enum(noticeEvents)).nullable().describe('Null: all'),
    environments: z.array(z.string()).nullable().describe('Null: all'),
  })
  .meta({ id: 'Channel' });

/** Where people are told of what happened. Addresses and secrets are not shown. */
export const noticeRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/api/notices',
    access: 'read',
    tag: 'Notices',
    summary: 'The channels of the configuration file',
    answers: {
      200: { description: 'All of them.', schema: z.object({ channels: z.array(channelViewSchema) }) },
    },
    handle: async ({ notices }) => ({ status: 200, body: { channels: notices.list() } }),
  }),
  route({
    method: 'post',
    path: '/api/notices/{name}/test',
    access: 'admin',
    tag: 'Notices',
    summary: 'Send a message through a channel',
    params: { name: z.string().max(63) },
    body: z.strictObject({}),
    answers: { 200: { description: 'It was taken.', schema: channelViewSchema } },
    handle: async ({ notices }, { params }) => ({ status: 200, body: await notices.test(params.name) }),
  }),
];
