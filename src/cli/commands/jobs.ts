import { setTimeout as delay } from 'node:timers/promises';
import { Option } from 'commander';
import type { Command } from 'commander';
import type { JobLogLine } from '../../jobs/job-log-lines.ts';
import type { JobView } from '../../jobs/job-view.ts';
import { action } from '../command.ts';
import type { CommandDeps } from '../command.ts';
import type { Context } from '../context.ts';
import { withInterrupt } from '../interrupt.ts';
import type { Outcome } from '../outcome.ts';
import { receiptOutcome } from '../receipt-outcome.ts';
import { renderJob, renderJobs } from '../render/jobs.ts';
import type { ShownJob } from '../render/jobs.ts';
import { jsonLine, painter, safe } from '../render/text.ts';
import type { Colour } from '../render/text.ts';
import { followJob, watchJob } from '../run-job-request.ts';

const states = ['queued', 'running', 'cancelling', 'done', 'failed', 'cancelled'] as const;

const logLevels = ['info', 'warn', 'error'] as const;

interface LogOptions {
  readonly level?: (typeof logLevels)[number] | undefined;
  readonly follow?: boolean | undefined;
}

interface ListOptions {
  readonly state?: string | undefined;
  readonly limit?: string | undefined;
}

/** Jobs are a service's: the one of `--server`, or the one the configuration describes on this machine. */
export function addJobs(program: Command, deps: CommandDeps): void {
  const jobs = program
    .command('jobs')
    .description('jobs of a service: list, show, watch, logs, cancel, retry');
  jobs
    .command('list', { isDefault: true })
    .description('jobs, newest first')
    .addOption(new Option('--state <state>', 'only jobs in this state').choices(states))
    .addOption(new Option('--limit <n>', 'at most this many').default('50'))
    .action(action<ListOptions>(deps, (context, _, options) => list(context, options)));
  jobs
    .command('show')
    .description('one job with its progress and its receipt')
    .argument('<job>')
    .action(action(deps, async (context, [id = '']) => shown(context, await getJob(context, id))));
  jobs
    .command('watch')
    .description('follow a job to its end; Ctrl-C stops following it, not the job')
    .argument('<job>')
    .option('--cancel-on-interrupt', 'Ctrl-C cancels the job, as it does where the job was started')
    .action(
      action<{ readonly cancelOnInterrupt?: boolean | undefined }>(
        deps,
        async (context, [id = ''], { cancelOnInterrupt = false }) => {
          const follow = cancelOnInterrupt ? followJob : watchJob;
          return receiptOutcome(context, await follow(context, context.needService(), id));
        },
      ),
    );
  jobs
    .command('logs')
    .description('what a job has told, oldest first')
    .argument('<job>')
    .addOption(new Option('--level <level>', 'only lines of this level and above').choices(logLevels))
    .option('--follow', 'go on until the job ends')
    .action(action<LogOptions>(deps, (context, [id = ''], options) => logs(context, id, options)));
  jobs
    .command('cancel')
    .description('cancel a job; its target stays as it was')
    .argument('<job>')
    .action(
      action(deps, async (context, [id = '']) => {
        const job = (await context.needService().post(`${jobPath(id)}/cancel`, {})) as JobView;
        return { fields: { job }, text: `Job ${job.id} is ${job.state}.\n` };
      }),
    );
  jobs
    .command('retry')
    .description('run the same again, as a new job')
    .argument('<job>')
    .option('--confirm <target>', 'must be the target’s name, where the job replaces it')
    .action(
      action<{ readonly confirm?: string | undefined }>(deps, async (context, [id = ''], { confirm }) => {
        const body = confirm === undefined ? {} : { confirm };
        const started = (await context.needService().post(`${jobPath(id)}/retry`, body)) as {
          readonly id: string;
        };
        return { fields: { jobId: started.id, retryOf: id }, text: `Job ${started.id} is queued.\n` };
      }),
    );
}

const jobPath = (id: string): string => `/api/jobs/${encodeURIComponent(id)}`;

async function getJob(context: Context, id: string): Promise<ShownJob> {
  return (await context.needService().get(jobPath(id))) as ShownJob;
}

async function list(context: Context, { state, limit = '50' }: ListOptions): Promise<Outcome> {
  const query = new URLSearchParams({ limit, ...(state === undefined ? {} : { state }) });
  const page = (await context.needService().get(`/api/jobs?${query.toString()}`)) as {
    readonly jobs: readonly ShownJob[];
  };
  const { colour, io } = context;
  return {
    fields: { jobs: page.jobs },
    text: renderJobs(page.jobs, { color: colour.data, now: io.now() }),
  };
}

function shown({ colour, program }: Context, job: ShownJob): Outcome {
  return { fields: { job }, text: renderJob(job, { color: colour.data, program }) };
}

const followPauseMs = 1_000;

/** Lines as they come, then the result; with --follow until the job has ended. Ctrl-C leaves the job alone. */
async function logs(context: Context, id: string, { level, follow = false }: LogOptions): Promise<Outcome> {
  const service = context.needService();
  const { io, options, colour } = context;
  const least = logLevels.indexOf(level ?? 'info');
  const paint = painter(colour.data);
  let told = 0;
  return withInterrupt(
    context,
    { first: `You left. Job ${id} goes on.`, second: `You left. Job ${id} goes on.` },
    async (signal) => {
      for (;;) {
        // Asked first: what was told before the end is there afterwards.
        const { state } = await getJob(context, id);
        const answer = (await service.get(`${jobPath(id)}/logs`, { signal })) as {
          readonly lines: readonly JobLogLine[];
        };
        for (const line of answer.lines.slice(told)) {
          if (logLevels.indexOf(line.level) < least) continue;
          io.stdout.write(
            options.json === true ? `${jsonLine({ type: 'log', ...line })}\n` : textOf(line, paint),
          );
        }
        told = Math.max(told, answer.lines.length);
        if (!follow || hasEnded(state)) return { fields: { jobId: id, state, lines: told }, text: '' };
        await delay(followPauseMs, undefined, { signal }).catch(() => {
          signal.throwIfAborted();
        });
      }
    },
  );
}

function hasEnded(state: ShownJob['state']): boolean {
  return state === 'done' || state === 'failed' || state === 'cancelled';
}

const levelColours: Partial<Record<JobLogLine['level'], Colour>> = { warn: 'yellow', error: 'red' };

function textOf({ at, level, message }: JobLogLine, paint: ReturnType<typeof painter>): string {
  const colour = levelColours[level];
  const word = level.padEnd(5);
  return `${new Date(at).toISOString()} ${colour === undefined ? word : paint(colour, word)} ${safe(message)}\n`;
}
