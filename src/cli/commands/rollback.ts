import type { Command } from 'commander';
import { SyncError } from '../../errors/sync-error.ts';
import { action } from '../command.ts';
import type { CommandDeps } from '../command.ts';
import { confirmOption } from '../command-options.ts';
import type { SharedOptions } from '../command-options.ts';
import { receiptOutcome } from '../receipt-outcome.ts';
import { runJobRequest } from '../run-job-request.ts';

export function addRollback(program: Command, deps: CommandDeps): void {
  program
    .command('rollback')
    .description('undo a sync or an import: put the kept old database back')
    .argument('<job>', 'id of the job to undo; its receipt names it')
    .addOption(confirmOption('must be the name of the job’s target'))
    .action(
      action<Pick<SharedOptions, 'confirm'>>(deps, async (context, [jobId = ''], { confirm }) => {
        if (confirm === undefined) {
          throw new SyncError(
            'USAGE_CONFIRM_MISMATCH',
            `Undoing job ${jobId} replaces what its target holds now; nothing was started.`,
            { hint: 'Pass --confirm with the name of the job’s target.' },
          );
        }
        const receipt = await runJobRequest(context, { kind: 'rollback', input: { jobId, confirm } });
        return receiptOutcome(context, receipt);
      }),
    );
}
