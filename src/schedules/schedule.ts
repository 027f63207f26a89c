import { z } from 'zod';
import { inputs } from '../sync/contract/inputs.ts';
import { requestEnds, requests } from '../sync/contract/requests.ts';
import type { JobRequest } from '../sync/contract/requests.ts';
import { timeFault } from './times.ts';

/** An undo is of one job, and an import of one dump: neither is something to repeat. */
export const scheduledKinds = ['sync', 'export', 'verify', 'typesense', 'rehearsal'] as const;

export const scheduleName = z
  .string('must be a name')
  .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'must be lower case letters, digits, - and _, at most 63');

/** What may become of times that came while no service ran. */
export const missedPolicies = ['skip', 'run'] as const;

const shared = {
  name: scheduleName,
  cron: z
    .string('must be five fields of cron, as "30 2 * * *"')
    .max(200, 'must be at most 200 characters')
    .describe('Five fields (minute, hour, day of month, month, day of week), or a name such as @daily'),
  timeZone: z
    .string('must be a time zone, as Europe/Berlin')
    .max(100, 'must be at most 100 characters')
    .describe('A time zone of the IANA database, as Europe/Berlin'),
  paused: z.boolean('must be true or false').optional().describe('It stands, and starts nothing'),
  missed: z
    .enum(missedPolicies, `must be one of ${missedPolicies.join(', ')}`)
    .optional()
    .describe(
      'What becomes of times that came while no service ran: told and left out (skip), or made up for by one run',
    ),
};

const ofKind = <K extends (typeof scheduledKinds)[number]>(kind: K) =>
  z.strictObject({ ...shared, kind: z.literal(kind), input: inputs[kind] });

/**
 * A job to start again and again: what is asked for (`kind` and `input`, as the API takes them, with the name of the
 * target as `confirm` where one is replaced), and when. The same in the configuration file and in the API.
 */
export const scheduleSchema = z
  .discriminatedUnion(
    'kind',
    [ofKind('sync'), ofKind('export'), ofKind('verify'), ofKind('typesense'), ofKind('rehearsal')],
    `kind must be one of ${scheduledKinds.join(', ')}`,
  )
  .superRefine((schedule, context) => {
    const fault = timeFault(schedule, Date.now());
    if (fault !== null) context.addIssue({ code: 'custom', path: [fault.of], message: fault.fault });
    const request = requestOf(schedule);
    const { target } = requestEnds(request);
    if (
      requests[request.kind].writes === 'database' &&
      'confirm' in schedule.input &&
      schedule.input.confirm !== target
    )
      context.addIssue({
        code: 'custom',
        path: ['input', 'confirm'],
        message: `must be "${target ?? ''}", the name of the environment that is replaced each time`,
      });
  });

export type Schedule = Readonly<z.infer<typeof scheduleSchema>>;

/** A schedule of the configuration file, and the line where it stands. */
export type FileSchedule = Schedule & { readonly said: string };

/** What it asks for, each time. */
export function requestOf({ kind, input }: Pick<Schedule, 'kind' | 'input'>): JobRequest {
  return { kind, input } as JobRequest;
}
