import { z } from 'zod';
import { SyncError } from '../errors/sync-error.ts';
import type { JobView } from '../jobs/job-view.ts';
import { idPattern } from '../lib/ids.ts';
import type { JobAnswer, JobsAnswer, LogsAnswer } from './answers.ts';
import { checkTarget } from './check-request.ts';
import { followJob, hasEnded } from './job-feed.ts';
import { route } from './route.ts';
import type { Route } from './route.ts';
import { accepted, acceptedReply, refuseWhenStopping, startJob } from './run-routes.ts';
import { ownersOfJob } from './owners.ts';
import { jobKind, jobSchema, jobState, jobSummarySchema, logLineSchema, undoSchema } from './schemas.ts';
import { writeEventStream } from './sse.ts';
import { requests } from '../sync/contract/requests.ts';
import { refuseOvertaken, refuseUndone } from '../sync/undo/undo-order.ts';
import type { UndoOutlook } from '../sync/undo/undo-outlook.ts';
import { refuseGone, undoWords } from '../sync/undo/undo-words.ts';

const id = z.string().regex(idPattern, 'an id');
const confirm = z.string().describe('The name of the environment the job writes to');
const jobAnswer = { 200: { description: 'The job.', schema: jobSchema } };
const jobWithUndo = { 200: { description: 'The job.', schema: jobSchema.extend({ undo: undoSchema }) } };

/** Looking at jobs, and what can be done with one. */
export const jobRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/api/jobs',
    access: 'read',
    tag: 'Jobs',
    summary: 'Jobs, newest first',
    query: {
      state: jobState.optional(),
      kind: jobKind.optional(),
      environment: z.string().max(63).optional().describe('Source or target'),
      limit: z.coerce.number().int().min(1).max(200).default(50),
      cursor: z.string().max(200).optional().describe('nextCursor of the page before'),
      undo: z
        .enum(['yes', 'no'])
        .default('yes')
        .describe('Whether each job says what is known of its undo, for which the servers are asked'),
    },
    answers: {
      200: {
        description: 'One page.',
        schema: z.object({ jobs: z.array(jobSummarySchema), nextCursor: z.string().nullable() }),
      },
    },
    handle: async ({ jobs, undo }, { query, signal }) => {
      const { cursor, undo: withUndo, ...filter } = query;
      const page = await jobs.listJobs({ ...filter, before: cursor });
      const ended = page.jobs.filter(
        ({ kind, state }) => withUndo === 'yes' && requests[kind].undoable && hasEnded(state),
      );
      const outlooks = await undo.outlooks(ended, { signal });
      const listed = page.jobs.map((job) => ({ ...job, undo: shownUndo(outlooks.get(job.id) ?? null) }));
      const body: JobsAnswer = { jobs: listed, nextCursor: page.before };
      return { status: 200, body };
    },
  }),
  route({
    method: 'get',
    path: '/api/jobs/{id}',
    access: 'read',
    tag: 'Jobs',
    summary: 'One job with its latest progress and its receipt',
    params: { id },
    answers: jobWithUndo,
    handle: async ({ jobs, undo }, { params }) => {
      const job = await jobs.getWholeJob(params.id);
      const body: JobAnswer = { ...job, undo: shownUndo(await undo.outlook(job.id)) };
      return { status: 200, body };
    },
  }),
  route({
    method: 'get',
    path: '/api/jobs/{id}/stream',
    access: 'read',
    tag: 'Jobs',
    summary: 'Follow a job live (server-sent events)',
    description:
      'Events: `job` (its present state, at once), `progress` (a full snapshot; its id is the snapshot’s ' +
      'sequence), `log`, `gap` (log lines this client ' +
      'was too slow for), `end` (the job as it ended; then the stream closes). Where a job is `shortened`, ' +
      'its receipt is cut, ' +
      'and `GET /api/jobs/{id}` has it whole. After a reconnect ' +
      'with `Last-Event-ID` the present state comes at once. A job that had ended and whose last snapshot ' +
      'is known is answered 204.',
    params: { id },
    answers: {
      200: { description: 'The stream.', contentType: 'text/event-stream' },
      204: { description: 'The job has ended and the client knows its last snapshot.' },
    },
    handle: async (deps, { params, header, gone, closing }) => {
      const job = await deps.jobs.getJob(params.id);
      const knownSequence = Number(header('last-event-id') ?? Number.NaN);
      // EventSource connects again after every end; 204 is how a server tells it to stop.
      if (hasEnded(job.state) && job.progress?.sequence === knownSequence) return { status: 204 };
      const feed = followJob(deps, params.id, { signal: gone, closing, knownSequence });
      return { stream: (response) => writeEventStream(response, feed, gone) };
    },
  }),
  route({
    method: 'get',
    path: '/api/jobs/{id}/logs',
    access: 'read',
    tag: 'Jobs',
    summary: 'The log lines of a job, oldest first',
    params: { id },
    answers: { 200: { description: 'The lines.', schema: z.object({ lines: z.array(logLineSchema) }) } },
    handle: async ({ jobs }, { params }) => {
      const body: LogsAnswer = { lines: await jobs.logs(params.id) };
      return { status: 200, body };
    },
  }),
  route({
    method: 'post',
    path: '/api/jobs/{id}/cancel',
    access: 'operate',
    owners: (deps, { params }) => ownersOfJob(deps, params.id),
    tag: 'Jobs',
    summary: 'Cancel a job; its target stays as it was',
    params: { id },
    answers: jobAnswer,
    handle: async ({ jobs }, { params, pass }) => ({
      status: 200,
      body: await jobs.cancelJob(params.id, { actor: pass.principal.actor }),
    }),
  }),
  route({
    method: 'post',
    path: '/api/jobs/{id}/retry',
    access: 'operate',
    owners: (deps, { params }) => ownersOfJob(deps, params.id),
    tag: 'Jobs',
    summary: 'Run the same again: a new job, linked to the one that has ended',
    description: '`confirm` is needed where the job replaces its target.',
    params: { id },
    body: z.strictObject({ confirm: confirm.optional() }),
    answers: accepted,
    handle: async (deps, { params, body, pass }) => {
      const job = await deps.jobs.getJob(params.id);
      if (requests[job.kind].writes === 'database')
        checkTarget(deps.config.environments, targetOf(job), body.confirm);
      refuseWhenStopping(deps);
      return acceptedReply(await deps.jobs.retryJob(params.id, { actor: pass.principal.actor }));
    },
  }),
  route({
    method: 'post',
    path: requests.rollback.path,
    access: 'operate',
    owners: (deps, { params }) => ownersOfJob(deps, params.jobId),
    tag: 'Jobs',
    summary: 'Undo what a job did to its target',
    description:
      'Puts back the kept database or the safety copy, and the search aliases. `confirm` must be the ' +
      'target’s name. Where later jobs changed the ' +
      'target, `passOver` allows to undo these as well.',
    params: { jobId: id },
    body: requests.rollback.input.omit({ jobId: true }).extend({ confirm }),
    answers: accepted,
    handle: async (deps, { params, body, pass }) => {
      const job = await deps.jobs.getJob(params.jobId);
      if (!requests[job.kind].undoable || !hasEnded(job.state)) {
        throw new SyncError(
          'CONFLICT_STATE',
          `Job ${job.id} (${job.kind}) is ${job.state}; only a job that changed its ` +
            'target and has ended can be undone.',
        );
      }
      checkTarget(deps.config.environments, targetOf(job), body.confirm);
      const outlook = await deps.undo.outlook(job.id);
      if (outlook !== null) {
        refuseUndone(job.id, outlook);
        refuseGone(job.id, outlook);
        refuseOvertaken(job, outlook, body.passOver === true);
      }
      return startJob(deps, { kind: 'rollback', input: { jobId: job.id, ...body } }, pass);
    },
  }),
];

function shownUndo(outlook: UndoOutlook | null): (UndoOutlook & { readonly note: string | null }) | null {
  return outlook === null ? null : { ...outlook, note: undoWords(outlook) };
}

function targetOf({ id, target }: JobView): string {
  if (target !== null) return target;
  throw new SyncError('CONFLICT_STATE', `Job ${id} has no target yet; try again when it has run.`);
}
