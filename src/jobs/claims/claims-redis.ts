import type { RedisQueueBackend } from 'bullmq';
import { eventsMax } from '../queue-settings.ts';
import type { Claims, WriteAnswer } from './claims.ts';

/** Renewing takes no memory, so that a full Redis does not cost a run its claim. */
const holdScript = `
local holder = redis.call('GET', KEYS[1])
if holder == ARGV[1] then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  return false
end
if holder then return holder end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return false
`;

const releaseScript = `
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return false
`;

/** As BullMQ's \`updateProgress\` behind its conditions; the event only wakes, so it carries nothing. */
const writeScript = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 'gone' end
if redis.call('HEXISTS', KEYS[1], 'finishedOn') == 1 then return 'ended' end
local progress = redis.call('HGET', KEYS[1], 'progress')
if progress then
  local stored = cjson.decode(progress)
  if type(stored) == 'table' and type(stored.outcome) == 'table' then return 'ended' end
end
if redis.call('GET', KEYS[3]) ~= ARGV[1] then return 'taken' end
if ARGV[3] == 'begins' and cjson.decode(redis.call('HGET', KEYS[1], 'data')).cancel ~= nil then return 'cancelled' end
redis.call('HSET', KEYS[1], 'progress', ARGV[2])
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[5], '*', 'event', 'progress', 'jobId', ARGV[4], 'data', '0')
return 'written'
`;

const scripts = {
  multiboardHold: { numberOfKeys: 1, lua: holdScript },
  multiboardRelease: { numberOfKeys: 1, lua: releaseScript },
  multiboardWrite: { numberOfKeys: 3, lua: writeScript },
} as const;

/** Claims as keys beside BullMQ's, one for each name, that end by themselves. */
export function redisClaims(backend: RedisQueueBackend): Claims {
  const run = async (name: keyof typeof scripts, args: readonly (string | number)[]): Promise<unknown> => {
    const client = await backend.client;
    client.defineCommand(name, scripts[name]);
    return client.runCommand(name, [...args]);
  };
  const keyOf = (name: string): string => backend.toKey(`claim:${name}`);
  return {
    hold: async ({ name, holder }, ms) =>
      (await run('multiboardHold', [keyOf(name), holder, ms])) as string | null,
    release: async ({ name, holder }) => {
      await run('multiboardRelease', [keyOf(name), holder]);
    },
    // One script, hence one moment.
    unfinished: async () => {
      const lists = await backend.getRanges(['active', 'wait', 'delayed', 'prioritized'], 0, -1, false);
      return lists.flat();
    },
    write: async ({ jobId, claim, status, begins }) =>
      (await run('multiboardWrite', [
        backend.toKey(jobId),
        backend.toKey('events'),
        keyOf(claim.name),
        claim.holder,
        JSON.stringify(status),
        begins ? 'begins' : 'goes on',
        jobId,
        eventsMax,
      ])) as WriteAnswer,
  };
}
