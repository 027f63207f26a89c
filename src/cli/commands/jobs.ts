import { Option } from 'commander';
import type { Command } from 'commander';
import type { JobView } from '../../jobs/job-view.ts';
import { action } from '../command.ts';
import type { CommandDeps } from '../command.ts';
import type { Context } from '../context.ts';
import type { Outcome } from '../outcome.ts';
import { receiptOutcome } from '../receipt-outcome.ts';
import { renderJob, renderJobs } from '../render/jobs.ts';
import type { ShownJob } from '../render/jobs.ts';
import { watchJob } from '../run-job-request.ts';

const states = ['queued', 'running', 'cancelling', 'done', 'failed', 'cancelled'] as const;

interface ListOptions {
  readonly state?: string | undefined;
  readonly limit?: string | undefined;
}

/** Jobs are a service's: the one of `--server`, or the one the configuration describes on this machine. */
export function addJobs(program: Command, deps: CommandDeps): void {
  const jobs = program.command('jobs').description('jobs of a service: list, show, watch, cancel, retry');
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
    .action(
      action(deps, async (context, [id = '']) =>
        receiptOutcome(context, await watchJob(context, context.needService(), id)),
      ),
    );
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
