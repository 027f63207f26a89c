import { z } from 'zod';
import {
  missedPolicies,
  requestOf,
  scheduledKinds,
  scheduleName,
  scheduleSchema,
} from '../schedules/schedule.ts';
import { requestEnds } from '../sync/contract/requests.ts';
import { ownersOf } from './owners.ts';
import type { HttpDeps } from './ports.ts';
import { accepted, acceptedReply, refuseWhenStopping } from './run-routes.ts';
import { route } from './route.ts';
import type { Answer, Route } from './route.ts';

const at = z.number().describe('Epoch milliseconds');

export const scheduleViewSchema = z
  .object({
    name: z.string(),
    from: z.enum(['file', 'api']).describe('Where it stands: only one that the API made can be removed'),
    place: z.string().nullable().describe('File and line; null where the API made it'),
    kind: z.enum(scheduledKinds),
    input: z.looseObject({}).describe('What is asked for each time, as the address of the kind takes it'),
    source: z.string().nullable(),
    target: z.string().nullable(),
    cron: z.string(),
    timeZone: z.string(),
    words: z.string().describe('The times in words, with the zone'),
    missed: z.enum(missedPolicies),
    paused: z
      .enum(['file', 'person'])
      .nullable()
      .describe('Who stopped it: its definition in the file, or a person, who can let it go on'),
    next: z.array(at).describe('The next five times, also of one that is paused'),
    skip: at.nullable().describe('The one of them that is left out'),
    events: z
      .array(
        z.object({
          slot: at,
          at,
          what: z.enum(['started', 'skipped', 'missed', 'refused', 'elsewhere']),
          jobId: z.string().nullable(),
          message: z.string(),
        }),
      )
      .describe('What became of the last times, newest first'),
  })
  .meta({ id: 'Schedule' });

const params = { name: scheduleName };
const shown: Readonly<Record<number, Answer>> = {
  200: { description: 'The schedule.', schema: scheduleViewSchema },
};
const nothing = z.strictObject({});

/** Whose its jobs are. Throws USAGE_NOT_FOUND, STORAGE_RECORD_DAMAGED. */
const ownersOfSchedule = async (
  { schedules }: Pick<HttpDeps, 'schedules'>,
  { params: { name } }: { readonly params: { readonly name: string } },
): Promise<readonly string[]> => ownersOf(await schedules.get(name));

/** As `ownersOfSchedule`; nobody knows whose a damaged one is: a token for some environments may not remove it. */
const ownersOfRemoved: typeof ownersOfSchedule = async (deps, request) => {
  const damaged = await deps.schedules.damaged();
  return damaged.some(({ name }) => name === request.params.name) ? [] : ownersOfSchedule(deps, request);
};

/** What starts by itself. */
export const scheduleRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/api/schedules',
    access: 'read',
    tag: 'Schedules',
    summary: 'The schedules of the configuration file, and those that were made here',
    answers: {
      200: {
        description: 'All of them.',
        schema: z.object({
          schedules: z.array(scheduleViewSchema),
          damaged: z
            .array(z.object({ name: z.string(), message: z.string() }))
            .describe('Those whose file in the data directory cannot be read; they start nothing'),
        }),
      },
    },
    handle: async ({ schedules }) => ({
      status: 200,
      body: { schedules: await schedules.list(), damaged: await schedules.damaged() },
    }),
  }),
  route({
    method: 'post',
    path: '/api/schedules',
    access: 'operate',
    owners: (_deps, { body }) => ownersOf({ kind: body.kind, ...requestEnds(requestOf(body)) }),
    tag: 'Schedules',
    summary: 'Make a schedule',
    description:
      'It is held against the same checks as a job that is asked for now; `input.confirm` is the target’s name.',
    body: scheduleSchema,
    answers: { 201: { description: 'The schedule.', schema: scheduleViewSchema } },
    handle: async (deps, { body }) => {
      refuseWhenStopping(deps);
      return { status: 201, body: await deps.schedules.add(body) };
    },
  }),
  route({
    method: 'get',
    path: '/api/schedules/{name}',
    access: 'read',
    tag: 'Schedules',
    summary: 'A schedule: its next times, and what became of the last ones',
    params,
    answers: shown,
    handle: async ({ schedules }, { params: { name } }) => ({ status: 200, body: await schedules.get(name) }),
  }),
  route({
    method: 'post',
    path: '/api/schedules/{name}/pause',
    access: 'operate',
    owners: ownersOfSchedule,
    tag: 'Schedules',
    summary: 'Pause a schedule: it starts nothing until it is resumed; its running job goes on',
    params,
    body: nothing,
    answers: shown,
    handle: async ({ schedules }, { params: { name } }) => ({
      status: 200,
      body: await schedules.pause(name),
    }),
  }),
  route({
    method: 'post',
    path: '/api/schedules/{name}/resume',
    access: 'operate',
    owners: ownersOfSchedule,
    tag: 'Schedules',
    summary: 'Let a paused schedule go on; times that came meanwhile were not missed',
    params,
    body: nothing,
    answers: shown,
    handle: async ({ schedules }, { params: { name } }) => ({
      status: 200,
      body: await schedules.resume(name),
    }),
  }),
  route({
    method: 'post',
    path: '/api/schedules/{name}/skip-next',
    access: 'operate',
    owners: ownersOfSchedule,
    tag: 'Schedules',
    summary: 'Leave the next time out, or (`skip: false`) not any more',
    params,
    body: z.strictObject({ skip: z.boolean().optional() }),
    answers: shown,
    handle: async ({ schedules }, { params: { name }, body }) => ({
      status: 200,
      body: await schedules.skipNext(name, body.skip ?? true),
    }),
  }),
  route({
    method: 'post',
    path: '/api/schedules/{name}/run',
    access: 'operate',
    owners: ownersOfSchedule,
    tag: 'Schedules',
    summary: 'Start a schedule’s job now, beside its times',
    params,
    body: nothing,
    answers: accepted,
    handle: async (deps, { params: { name }, pass }) => {
      refuseWhenStopping(deps);
      return acceptedReply(await deps.schedules.run(name, { actor: pass.principal.actor }));
    },
  }),
  route({
    method: 'delete',
    path: '/api/schedules/{name}',
    access: 'operate',
    owners: ownersOfRemoved,
    tag: 'Schedules',
    summary: 'Remove a schedule that was made here; its jobs stay',
    params,
    answers: { 204: { description: 'It is gone.' } },
    handle: async ({ schedules }, { params: { name } }) => {
      await schedules.remove(name);
      return { status: 204 };
    },
  }),
];
