import type { Command } from 'commander';
import { SyncError } from '../../errors/sync-error.ts';
import type { JobRecord } from '../../sync/journal/records.ts';
import type { UndoOutlook } from '../../sync/undo/undo-outlook.ts';
import { refuseGone, undoWords } from '../../sync/undo/undo-words.ts';
import { action } from '../command.ts';
import type { CommandDeps } from '../command.ts';
import { confirmOption, confirmTarget, detachOption } from '../command-options.ts';
import type { SharedOptions } from '../command-options.ts';
import type { Context } from '../context.ts';
import { runAndTell } from '../run-and-tell.ts';

interface Options extends Pick<SharedOptions, 'confirm' | 'detach'> {
  readonly passOver?: boolean | undefined;
}

export function addRollback(program: Command, deps: CommandDeps): void {
  program
    .command('rollback')
    .description('undo a job: put back the database it replaced, and the search')
    .argument('<job>', 'id of the job to undo; its receipt names it')
    .addOption(confirmOption('must be the name of the job’s target'))
    .option('--pass-over', 'undo later jobs on this target as well')
    .addOption(detachOption())
    .action(
      action<Options>(deps, async (context, [jobId = ''], { confirm, passOver, detach }) => {
        const known = await knownJob(context, jobId);
        if (known.outlook !== null) {
          refuseGone(jobId, known.outlook);
          const words = undoWords(known.outlook);
          if (words !== null) context.say(words);
        }
        const answer = await confirmTarget(
          context,
          known.target,
          confirm,
          `Undoing ${known.kind} ${jobId}${known.ended} replaces what ${known.target} holds now by what it held ` +
            'before; rows of kept tables stay.',
        );
        const input = { jobId, confirm: answer, ...(passOver === true ? { passOver } : {}) };
        return runAndTell(context, { kind: 'rollback', input }, { detach });
      }),
    );
}

interface KnownJob {
  readonly kind: string;
  readonly target: string;
  /** When it ended, in words; empty where it has not. */
  readonly ended: string;
  readonly outlook: UndoOutlook | null;
}

/** The job by the service, or by the records of the data directory. USAGE_NOT_FOUND, CONFLICT_STATE. */
async function knownJob(context: Context, jobId: string): Promise<KnownJob> {
  const { service } = context;
  const job =
    service === null
      ? await recordOf(context, jobId)
      : ((await service.get(`/api/jobs/${encodeURIComponent(jobId)}`)) as ServiceJob);
  if (job === null) {
    throw new SyncError(
      'USAGE_NOT_FOUND',
      `There is no record of a job "${jobId}" in the data directory; nothing was started.`,
      { hint: 'A job of a service is undone through it: --server.' },
    );
  }
  if (job.target === null)
    throw new SyncError(
      'CONFLICT_STATE',
      `Job "${jobId}" (${job.kind}) changed nothing, so there is nothing to undo.`,
    );
  const outlook = 'undo' in job ? job.undo : await outlookOf(context, jobId);
  const ended = job.finishedAt === null ? '' : ` of ${new Date(job.finishedAt).toISOString()}`;
  return { kind: job.kind, target: job.target, ended, outlook };
}

async function recordOf({ config }: Context, jobId: string): Promise<JobRecord | null> {
  const { readJobRecord } = await import('../../sync/journal/records.ts');
  return readJobRecord(config(), jobId);
}

async function outlookOf({ config, io }: Context, jobId: string): Promise<UndoOutlook | null> {
  const { undoOutlook } = await import('../../sync/undo/undo-outlook.ts');
  return undoOutlook({ config: config(), now: io.now }, jobId);
}

interface ServiceJob {
  readonly kind: string;
  readonly target: string | null;
  readonly finishedAt: number | null;
  readonly undo: UndoOutlook | null;
}
