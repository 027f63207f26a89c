import { z } from 'zod';
import type { Pass } from '../access/principal.ts';
import { SyncError } from '../errors/sync-error.ts';
import { requests } from '../sync/contract/requests.ts';
import type { JobRequest } from '../sync/contract/requests.ts';
import { admitJob } from './admit-job.ts';
import { checkPair } from './check-request.ts';
import type { HttpDeps } from './ports.ts';
import { route } from './route.ts';
import type { Answer, Reply, Route } from './route.ts';
import { acceptedSchema, planSchema } from './schemas.ts';

export const accepted: Readonly<Record<number, Answer>> = {
  202: { description: 'The job was queued; Location is its address.', schema: acceptedSchema },
};

/** Throws SERVICE_STOPPING once the service takes nothing new; cancelling stays possible. */
export function refuseWhenStopping({ service }: Pick<HttpDeps, 'service'>): void {
  if (!service.isStopping()) return;
  throw new SyncError('SERVICE_STOPPING', 'The service is stopping; nothing was started.');
}

/** Lets the job in, queues it as asked for by whoever asks, and answers with its address. */
export async function startJob(
  deps: HttpDeps,
  request: JobRequest,
  { principal }: Pick<Pass, 'principal'>,
): Promise<Reply> {
  await admitJob(deps, request);
  refuseWhenStopping(deps);
  const id = await deps.jobs.addJob(request, { actor: principal.actor });
  return acceptedReply(id);
}

/** 202 with the address of a queued job. */
export function acceptedReply(id: string): Reply {
  const address = `/api/jobs/${id}`;
  return {
    status: 202,
    body: { id, url: address, stream: `${address}/stream` },
    headers: { Location: address },
  };
}

/** What a person starts: jobs, and the plan that changes nothing. */
export const runRoutes: readonly Route[] = [
  route({
    method: 'post',
    path: requests.sync.path,
    access: 'operate',
    owners: (_deps, { body }) => [body.target],
    tag: 'Run',
    summary: 'Make the target equal to the source, then rebuild its search',
    description: 'Everything on the target is replaced. `confirm` must be the target’s name.',
    body: requests.sync.input,
    answers: accepted,
    handle: (deps, { body, pass }) => startJob(deps, { kind: 'sync', input: body }, pass),
  }),
  route({
    method: 'post',
    path: requests.export.path,
    access: 'operate',
    owners: (_deps, { body }) => [body.environment],
    tag: 'Run',
    summary: 'Write a dump of an environment',
    body: requests.export.input,
    answers: accepted,
    handle: (deps, { body, pass }) => startJob(deps, { kind: 'export', input: body }, pass),
  }),
  route({
    method: 'post',
    path: requests.import.path,
    access: 'operate',
    owners: (_deps, { body }) => [body.target],
    tag: 'Run',
    summary: 'Replace an environment by a dump',
    description: 'Everything on the target is replaced. `confirm` must be the target’s name.',
    body: requests.import.input,
    answers: accepted,
    handle: (deps, { body, pass }) => startJob(deps, { kind: 'import', input: body }, pass),
  }),
  route({
    method: 'post',
    path: requests.typesense.path,
    access: 'operate',
    owners: (_deps, { body }) => [body.environment],
    tag: 'Run',
    summary: 'Rebuild the search collections of an environment',
    description: 'New collections are built and verified, then the aliases move; the old collections stay.',
    body: requests.typesense.input,
    answers: accepted,
    handle: (deps, { body, pass }) => startJob(deps, { kind: 'typesense', input: body }, pass),
  }),
  route({
    method: 'post',
    path: requests.verify.path,
    access: 'operate',
    owners: (_deps, { body }) => [body.left, body.right],
    tag: 'Run',
    summary: 'Compare two environments, table by table, or a search with its database',
    body: requests.verify.input,
    answers: accepted,
    handle: (deps, { body, pass }) => startJob(deps, { kind: 'verify', input: body }, pass),
  }),
  route({
    method: 'post',
    path: '/api/plan',
    access: 'operate',
    owners: (_deps, { body }) => [body.source, body.target],
    tag: 'Run',
    summary: 'What a sync would do; changes nothing',
    description:
      'Rows are compared by digests, which reads every table once or twice; `estimate` takes the servers’ statistics.',
    body: requests.sync.input.omit({ confirm: true }).extend({ estimate: z.boolean().optional() }),
    answers: { 200: { description: 'The plan.', schema: planSchema } },
    handle: async (deps, { body, signal }) => {
      checkPair(deps.config.environments, body.source, body.target);
      return { status: 200, body: await deps.plan(body, { signal }) };
    },
  }),
];
