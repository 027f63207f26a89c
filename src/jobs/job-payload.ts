import { z } from 'zod';
import { SyncError } from '../errors/sync-error.ts';
import { jobRequestSchema } from '../sync/contract/requests.ts';
import { triggerSchema } from '../sync/contract/trigger.ts';
import type { Trigger } from '../sync/contract/trigger.ts';

const person = z.string().max(200);

/**
 * What the queue stores of a job, in clear text: names and ids only. Written by the API alone (`cancel` is the durable
 * wish to stop, seen by whichever process runs the job); the worker writes the job's status elsewhere, so that neither
 * overwrites the other.
 */
const jobPayloadSchema = z.strictObject({
  version: z.literal(1),
  request: jobRequestSchema,
  /** Who asked for it. */
  actor: person.optional(),
  trigger: triggerSchema.optional(),
  /** The job whose request this one repeats. */
  retryOf: z.string().max(128).optional(),
  cancel: z.strictObject({ at: z.number(), actor: person.optional() }).optional(),
});

export type JobPayload = z.infer<typeof jobPayloadSchema>;

/** A payload read back from the queue. Throws USAGE_INVALID for one a newer or foreign program wrote. */
export function parsePayload(jobId: string, data: unknown): JobPayload {
  const parsed = jobPayloadSchema.safeParse(data);
  if (parsed.success) return parsed.data;
  throw new SyncError(
    'USAGE_INVALID',
    `Job ${jobId} was put into the queue by another version of multiboard-sync; it is not run.`,
    { hint: 'Update this service, or ask for the job again.' },
  );
}

/** Checks a request before it is stored. Throws USAGE_INVALID naming the fields at fault, never their values. */
export function newPayload(
  request: unknown,
  more: { actor?: string; retryOf?: string; trigger?: Trigger },
): JobPayload {
  const parsed = jobPayloadSchema.safeParse({ version: 1, request, ...more });
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => issue.path.filter((key) => key !== 'request').join('.'));
  throw new SyncError(
    'USAGE_INVALID',
    `The job’s request is not valid at: ${[...new Set(faults)].join(', ')}.`,
  );
}
