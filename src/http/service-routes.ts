import { z } from 'zod';
import { SyncError } from '../errors/sync-error.ts';
import { metricsText } from './metrics.ts';
import { route } from './route.ts';
import type { Route } from './route.ts';

/** How the service itself is. */
const stateRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/health',
    access: 'open',
    tag: 'Service',
    summary: 'The process is alive',
    answers: {
      200: { description: 'It is.', schema: z.object({ status: z.literal('ok'), version: z.string() }) },
    },
    handle: async ({ service }) => ({ status: 200, body: { status: 'ok', version: service.version } }),
  }),
  route({
    method: 'get',
    path: '/ready',
    access: 'open',
    tag: 'Service',
    summary: 'The service takes jobs: its queue answers and it is not stopping',
    answers: {
      200: { description: 'It does.', schema: z.object({ status: z.literal('ready') }) },
      503: { description: 'SERVICE_STOPPING or QUEUE_UNAVAILABLE.' },
    },
    handle: async ({ service }) => {
      if (service.isStopping()) throw new SyncError('SERVICE_STOPPING', 'The service is stopping.');
      await service.queueReady();
      return { status: 200, body: { status: 'ready' } };
    },
  }),
  route({
    method: 'get',
    path: '/metrics',
    access: 'read',
    tag: 'Service',
    summary: 'Jobs and memory, for Prometheus',
    answers: { 200: { description: 'Text exposition format 0.0.4.', contentType: 'text/plain' } },
    handle: async ({ jobs, service, rehearsals }) => ({
      status: 200,
      contentType: 'text/plain; version=0.0.4; charset=utf-8',
      text: metricsText({
        version: service.version,
        jobsByState: await jobs.countByState(),
        memory: process.memoryUsage(),
        uptimeSeconds: process.uptime(),
        rehearsals: await rehearsals(),
      }),
    }),
  }),
];

/** How a page comes in without the key. */
const pageRoutes: readonly Route[] = [
  route({
    method: 'post',
    path: '/api/page-link',
    access: 'read',
    tag: 'Service',
    summary: 'A code that opens the page once',
    description:
      'The page’s address is `/#open=<code>`. It opens one page, within 10 minutes; the page holds a pass ' +
      'of its own from then on, not the key, and may do what you may, as long as you may.',
    body: z.strictObject({}),
    answers: {
      201: { description: 'The code.', schema: z.object({ code: z.string(), expiresAt: z.number() }) },
    },
    handle: async ({ access: { door } }, { pass }) => {
      const { code, expiresAt } = door.newLink(pass);
      return { status: 201, body: { code: code.reveal(), expiresAt } };
    },
  }),
  route({
    method: 'post',
    path: '/api/session',
    access: 'open',
    tag: 'Service',
    summary: 'Exchange the code of a one-time link for a pass',
    description:
      'The pass is sent as the key is. It ends with the service’s process, or when it was not used for 12 hours.',
    body: z.strictObject({ code: z.string().max(128) }),
    answers: { 200: { description: 'The pass.', schema: z.object({ token: z.string() }) } },
    handle: async ({ access: { door } }, { body }) => ({
      status: 200,
      body: { token: door.redeem(body.code).reveal() },
    }),
  }),
];

const openApiRoute = (openApi: (version: string) => string): Route =>
  route({
    method: 'get',
    path: '/api/openapi.json',
    // It shows what every installation offers, nothing of this one.
    access: 'open',
    tag: 'Service',
    summary: 'This description (OpenAPI 3.1)',
    answers: { 200: { description: 'The document.', schema: z.looseObject({}) } },
    handle: async ({ service }) => ({
      status: 200,
      text: openApi(service.version),
      contentType: 'application/json; charset=utf-8',
    }),
  });

/** How the service itself is, and what it offers. `openApi`: the document’s text. */
export const serviceRoutes = (openApi: (version: string) => string): readonly Route[] => [
  ...stateRoutes,
  ...pageRoutes,
  openApiRoute(openApi),
];
