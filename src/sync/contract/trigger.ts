import { z } from 'zod';

/** What put a job into the queue, where that was not a person. */
export const triggerSchema = z
  .strictObject({
    by: z.literal('schedule'),
    /** Its name. */
    schedule: z.string().max(63),
    /** The time it was meant for, epoch milliseconds; null where a person started it before its time. */
    slot: z.number().nullable(),
  })
  .describe('What put it into the queue, where that was not a person');

export type Trigger = Readonly<z.infer<typeof triggerSchema>>;
