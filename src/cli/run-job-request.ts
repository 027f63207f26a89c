import { randomInt } from 'node:crypto';
import type { Config } from '../config/config.ts';
import { asSyncError, SyncError } from '../errors/sync-error.ts';
import type { ErrorReport } from '../errors/sync-error.ts';
import { createJobIds } from '../jobs/job-id.ts';
import type { JobEvent, ProgressSnapshot } from '../progress/progress.ts';
import { jobRequestSchema, requests } from '../sync/contract/requests.ts';
import type { JobRequest, LocalJobRequest } from '../sync/contract/requests.ts';
import type { Receipt, VerifyReceipt } from '../sync/contract/receipts.ts';
import type { Context } from './context.ts';
import { withInterrupt } from './interrupt.ts';
import { JobFailure } from './outcome.ts';
import { showProgress } from './show-progress.ts';
import { reportedError } from './service-client.ts';
import type { ServiceClient } from './service-client.ts';
import { targetState } from '../sync/contract/target-state.ts';

type AnyReceipt = Receipt | VerifyReceipt;

export interface RunOptions {
  /** Settings of this run alone, from its options. */
  readonly adjust?: ((config: Config) => Config) | undefined;
}

/**
 * Runs a job to its end and shows its progress: in this process, or through the service of `--server`. The first Ctrl-C
 * cancels and waits for the clean end, the second leaves. Throws `JobFailure`.
 */
export async function runJobRequest(
  context: Context,
  request: LocalJobRequest,
  options: RunOptions = {},
): Promise<AnyReceipt> {
  const { service } = context;
  return service === null ? runHere(context, request, options) : runThere(context, service, request);
}

/** True whenever the process ends: the switch is one transaction. */
const leftBehind =
  'Ended before everything was cleaned up. The target is whole: as it was or, if the switch was already ' +
  'made, as the source; ' +
  'the next run on it finishes or removes the leftovers.';

async function runHere(
  context: Context,
  request: LocalJobRequest,
  { adjust }: RunOptions,
): Promise<AnyReceipt> {
  const { io } = context;
  const config = adjust === undefined ? context.config() : adjust(context.config());
  const { id: jobId } = createJobIds({ now: io.now, random: () => randomInt(2 ** 32) / 2 ** 32 })(
    request.kind,
  );
  const progress = showProgress(context);
  // Loaded when a job runs, so that --help and the other commands start at once.
  const { runJob } = await import('../sync/verbs/run-job.ts');
  try {
    return await withInterrupt(
      context,
      {
        note: progress.note,
        first:
          'Cancelling: the target stays as it is, and everything begun is undone. Press Ctrl-C again to leave at once.',
        second: `${leftBehind}\nContinue with: ${commandLine(io.argv)}`,
      },
      (signal) => runJob({ config, now: io.now }, request, { jobId, signal, emit: progress.onEvent }),
    );
  } catch (error) {
    const known = asSyncError(error);
    throw new JobFailure(known, jobId, targetState(progress.last()));
  } finally {
    progress.end();
  }
}

async function runThere(
  context: Context,
  service: ServiceClient,
  request: LocalJobRequest,
): Promise<AnyReceipt> {
  return followJob(context, service, await startJob(service, request));
}

/** Gives a job to a service, and returns its id. USAGE_INVALID for what a service cannot take. */
export async function startJob(service: ServiceClient, request: LocalJobRequest): Promise<string> {
  const read = jobRequestSchema.safeParse(request);
  if (!read.success) {
    const problems = read.error.issues.map(({ path, message }) => `${path.slice(1).join('.')}: ${message}`);
    throw new SyncError('USAGE_INVALID', `The service cannot take this: ${problems.join('; ')}.`);
  }
  const { path, body } = addressOf(read.data);
  const { id } = (await service.post(path, body)) as { readonly id: string };
  return id;
}

/** Shows a job of a service until it ends. Ctrl-C once asks the service to cancel it, twice leaves it alone. */
export async function followJob(context: Context, service: ServiceClient, id: string): Promise<AnyReceipt> {
  return showJob(context, async (progress) =>
    withInterrupt(
      context,
      {
        note: progress.note,
        first:
          `Cancelling job ${id} on the service; waiting until it has cleaned up. ` +
          'Press Ctrl-C again to leave at once.',
        second: leftAlone(service, id),
      },
      async (signal) => {
        let cancelling: Promise<unknown> = Promise.resolve();
        const cancel = (): void => {
          // A job that has just ended needs no cancelling; its outcome comes with the stream.
          cancelling = service.post(`/api/jobs/${id}/cancel`, {}).catch((error: unknown) => {
            context.say(asSyncError(error).message);
          });
        };
        signal.addEventListener('abort', cancel, { once: true });
        try {
          return await followEvents(service, id, progress);
        } finally {
          signal.removeEventListener('abort', cancel);
          await cancelling;
        }
      },
    ),
  );
}

/** Shows a job of a service that somebody else may have started. Ctrl-C leaves it alone: throws CANCELLED. */
export async function watchJob(context: Context, service: ServiceClient, id: string): Promise<AnyReceipt> {
  return showJob(context, async (progress) => {
    let stop = (): void => {};
    const left = new Promise<never>((_resolve, reject) => {
      stop = context.io.onInterrupt(() => {
        reject(
          new SyncError('CANCELLED', leftAlone(service, id), {
            hint: 'You stopped watching; the job goes on.',
          }),
        );
      });
    });
    try {
      return await Promise.race([followEvents(service, id, progress), left]);
    } finally {
      stop();
    }
  });
}

const leftAlone = (service: ServiceClient, id: string): string =>
  `You left. Job ${id} keeps running on the service.\nTo follow it again: multiboard-sync jobs watch ${id} ` +
  `--server ${service.address}`;

type Progress = ReturnType<typeof showProgress>;

async function showJob(
  context: Context,
  follow: (progress: Progress) => Promise<AnyReceipt>,
): Promise<AnyReceipt> {
  const progress = showProgress(context);
  try {
    return await follow(progress);
  } finally {
    progress.end();
  }
}

async function followEvents(service: ServiceClient, id: string, progress: Progress): Promise<AnyReceipt> {
  for await (const { type, data } of service.events(`/api/jobs/${id}/stream`)) {
    if (type === 'end') return endOf(await whole(service, JSON.parse(data) as EndedJob), progress.last());
    const event = eventOf(type, data);
    if (event !== null) progress.onEvent(event);
  }
  return endOf((await service.get(`/api/jobs/${id}`)) as EndedJob, progress.last());
}

/** What the stream's event says, as the job's own event; null for the others (`job`, `gap`, `end`). */
export function eventOf(type: string, data: string): JobEvent | null {
  if (type === 'progress') return { type, progress: JSON.parse(data) as ProgressSnapshot };
  if (type === 'log') return { ...(JSON.parse(data) as Omit<JobEvent & { type: 'log' }, 'type'>), type };
  return null;
}

/** What the command line needs of the service's `JobView`. */
interface EndedJob {
  readonly id: string;
  readonly receipt: AnyReceipt | null;
  readonly error: ErrorReport | null;
  /** The stream has cut its receipt; the job itself has it whole. */
  readonly shortened?: boolean | undefined;
}

async function whole(service: ServiceClient, ended: EndedJob): Promise<EndedJob> {
  if (ended.shortened !== true) return ended;
  return (await service.get(`/api/jobs/${ended.id}`)) as EndedJob;
}

function endOf({ id, receipt, error }: EndedJob, last: ProgressSnapshot | null): AnyReceipt {
  if (receipt !== null) return receipt;
  const known =
    error === null ? new SyncError('INTERNAL', `Job ${id} ended without a receipt.`) : reportedError(error);
  throw new JobFailure(known, id, targetState(last));
}

/** Where the API takes a request; what stands in the path is not said again in the body. */
function addressOf({ kind, input }: JobRequest): { readonly path: string; readonly body: object } {
  const body: Record<string, unknown> = { ...input };
  const path = requests[kind].path.replaceAll(/\{(\w+)\}/g, (_, field: string) => {
    const value = String(body[field]);
    delete body[field];
    return value;
  });
  return { path, body };
}

/** The command as it can be pasted into a shell. */
function commandLine(argv: readonly string[]): string {
  const quoted = argv.map((word) =>
    /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`,
  );
  return ['multiboard-sync', ...quoted].join(' ');
}
