import type { Config } from '../config/config.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { Channel, NoticeEvent } from './channel.ts';
import { testNotice } from './notice.ts';
import { send, undeliveredError } from './send.ts';

/** A channel as it can be shown: no address but those of people who get mail, and no secret. */
export interface ChannelView {
  readonly name: string;
  readonly type: Channel['type'];
  readonly to: readonly string[] | null;
  /** Null: all. */
  readonly events: readonly NoticeEvent[] | null;
  readonly environments: readonly string[] | null;
}

export interface Notices {
  list(): readonly ChannelView[];
  /** Sends one message, once. USAGE_NOT_FOUND, NOTICE_UNDELIVERED. */
  test(name: string): Promise<ChannelView>;
}

export function createNotices(config: Pick<Config, 'notices'>, now: () => number): Notices {
  const { channels, publicUrl } = config.notices;
  return {
    list: () => channels.map(viewOf),
    async test(name) {
      const channel = channels.find((one) => one.name === name);
      if (channel === undefined) {
        const names = channels.map((one) => one.name).join(', ');
        throw new SyncError(
          'USAGE_NOT_FOUND',
          `There is no channel "${name}"${names === '' ? ', and no other' : `; there are: ${names}`}.`,
          { hint: 'Channels stand under notices in the configuration file.' },
        );
      }
      try {
        await send(channel, testNotice(name, now(), { publicUrl }), { now: now() });
      } catch (error) {
        throw undeliveredError(name, error);
      }
      return viewOf(channel);
    },
  };
}

function viewOf(channel: Channel): ChannelView {
  const { name, type, events, environments } = channel;
  return { name, type, to: type === 'email' ? channel.to : null, events, environments };
}
