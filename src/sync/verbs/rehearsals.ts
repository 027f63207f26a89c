import type { Config } from '../../config/config.ts';
import { durationInWords } from '../../progress/words.ts';
import { jobRecords } from '../journal/records.ts';
import type { JobRecord } from '../journal/records.ts';

/** What is known of whether an environment's dumps can be restored. */
export interface RehearsalState {
  readonly environment: string;
  /** The last rehearsal that proved it; null where none did. */
  readonly proved: {
    readonly jobId: string;
    readonly dumpId: string;
    /** The environment whose server lent a database. */
    readonly server: string;
    /** Epoch milliseconds. */
    readonly at: number;
    readonly seconds: number;
    readonly rows: number;
  } | null;
  /** The last one that failed, where it came after that. */
  readonly failed: { readonly jobId: string; readonly at: number; readonly code: string } | null;
}

/** Of each environment that was ever rehearsed, by name, as the records of the data directory tell. */
export async function rehearsalStates(
  config: Pick<Config, 'directories'>,
): Promise<readonly RehearsalState[]> {
  const ended = await jobRecords(
    config,
    ({ kind, finishedAt }) => kind === 'rehearsal' && finishedAt !== null,
  );
  const names = [...new Set(ended.map(({ source }) => source).filter((name) => name !== null))].sort();
  return names.map((environment) =>
    stateOf(
      environment,
      ended.filter(({ source }) => source === environment),
    ),
  );
}

function stateOf(environment: string, records: readonly JobRecord[]): RehearsalState {
  const newest = records.toSorted((one, other) => (other.finishedAt ?? 0) - (one.finishedAt ?? 0));
  const good = newest.find(({ state }) => state === 'done');
  const bad = newest.find(({ state }) => state === 'failed');
  const receipt = good?.receipt?.type === 'receipt' ? good.receipt : null;
  const proved =
    receipt === null
      ? null
      : {
          jobId: receipt.jobId,
          dumpId: receipt.dump?.dumpId ?? '',
          server: receipt.target ?? '',
          at: receipt.finishedAt,
          seconds: receipt.seconds,
          rows: receipt.rows,
        };
  const failedAt = bad?.finishedAt ?? 0;
  return {
    environment,
    proved,
    failed:
      bad === undefined || failedAt < (proved?.at ?? 0)
        ? null
        : { jobId: bad.id, at: failedAt, code: bad.error?.code ?? 'INTERNAL' },
  };
}

/** `last proved restorable 6 h ago, took 4 min`. */
export function rehearsalWords({ proved, failed }: RehearsalState, now: number): string {
  const ago = (at: number): string => `${roughly(Math.max(0, now - at) / 1000)} ago`;
  const good =
    proved === null
      ? 'never proved restorable'
      : `last proved restorable ${ago(proved.at)} (dump ${proved.dumpId}, on the server of ${proved.server}), took ` +
        roughly(proved.seconds);
  return failed === null ? good : `${good}; the rehearsal ${ago(failed.at)} failed (${failed.code})`;
}

/** `6 h`, not `6 h 00 min`. */
function roughly(seconds: number): string {
  return durationInWords(seconds).replace(/ 00 (?:min|s)$/, '');
}
