import { z } from 'zod';
import type { Secret } from '../lib/secret.ts';

/** What people can be told of. */
export const noticeEvents = [
  'failure',
  'recovery',
  'firstSuccess',
  'stall',
  'undo',
  'missed',
  'skipped',
] as const;

export type NoticeEvent = (typeof noticeEvents)[number];

const name = z
  .string('must be a name')
  .regex(/^[a-z][a-z0-9-]{0,39}$/, 'must be lower case letters, digits and -, at most 40');

const shared = {
  name,
  events: z
    .array(
      z.enum(noticeEvents, `must be one of ${noticeEvents.join(', ')}`),
      `must be a list of ${noticeEvents.join(', ')}`,
    )
    .min(1, 'must name an event; leave it out for all')
    .optional(),
  environments: z
    .array(z.string('must be the name of an environment'), 'must be a list of environments')
    .min(1, 'must name an environment; leave it out for all')
    .optional(),
};

const address = z
  .string('must be an address')
  .refine(
    isPlainAddress,
    'must be an address (https://…) without user and password; a secret one stands in .env',
  );

/** A channel as the configuration file says it: nothing secret. */
export const channelSchema = z.discriminatedUnion(
  'type',
  [
    z.strictObject({ ...shared, type: z.literal('webhook'), url: address.optional() }),
    z.strictObject({ ...shared, type: z.literal('slack') }),
    z.strictObject({
      ...shared,
      type: z.literal('email'),
      to: z
        .array(
          z
            .string('must be an e-mail address')
            .regex(/^[^\s@<>,;"]+@[^\s@<>,;"]+$/, 'must be an e-mail address, without a name'),
          'must be a list of e-mail addresses',
        )
        .min(1, 'must name a receiver')
        .max(50, 'must be at most 50 receivers'),
    }),
  ],
  'type must be one of webhook, slack, email',
);

export type SaidChannel = Readonly<z.infer<typeof channelSchema>>;

/** Which notices go there; null stands for all. */
interface Filter {
  readonly name: string;
  readonly events: readonly NoticeEvent[] | null;
  readonly environments: readonly string[] | null;
}

/** A channel with what it needs. */
export type Channel = Filter &
  (
    | {
        readonly type: 'webhook';
        readonly url: Secret;
        /** Of the signature. */
        readonly secret: Secret;
      }
    | { readonly type: 'slack'; readonly url: Secret }
    | {
        readonly type: 'email';
        readonly to: readonly string[];
        readonly from: string;
        /** `smtp://user:password@host:587`. */
        readonly smtp: Secret;
      }
  );

/** `NOTICE_OPS_MAIL_URL`: where a secret of a channel stands. */
export function channelVariable(channel: string, what: 'URL' | 'SECRET'): string {
  return `NOTICE_${channel.toUpperCase().replaceAll('-', '_')}_${what}`;
}

/** An http address; `https` but for this machine is not asked for, as a network of one's own may have none. */
export function isAddress(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

function isPlainAddress(text: string): boolean {
  if (!isAddress(text)) return false;
  const { username, password } = new URL(text);
  return username === '' && password === '';
}

/** Whether a channel takes what is told of these environments; what is about none goes to all. */
export function takes(
  { events, environments }: Filter,
  event: NoticeEvent,
  about: readonly string[],
): boolean {
  if (events !== null && !events.includes(event)) return false;
  return environments === null || about.length === 0 || about.some((one) => environments.includes(one));
}
