import type { Command } from 'commander';
import { action } from '../command.ts';
import type { CommandDeps } from '../command.ts';
import {
  exceptions,
  leaveOutOption,
  limits,
  mapRoleOption,
  schemaOption,
  untried,
  untriedServersOption,
} from '../command-options.ts';
import type { LimitOptions, SharedOptions } from '../command-options.ts';
import { checkEnvironment } from '../context.ts';
import { receiptOutcome } from '../receipt-outcome.ts';
import { runJobRequest } from '../run-job-request.ts';

type Options = Pick<SharedOptions, 'leaveOut' | 'mapRole' | 'untriedServers'> & LimitOptions;

export function addVerify(program: Command, deps: CommandDeps): void {
  program
    .command('verify')
    .description('compare two environments, table by table; exit code 20 when they differ')
    .argument('<a>')
    .argument('<b>')
    .addOption(leaveOutOption())
    .addOption(mapRoleOption())
    .addOption(schemaOption())
    .addOption(untriedServersOption())
    .action(
      action<Options>(deps, async (context, [left = '', right = ''], options) => {
        checkEnvironment(context, left);
        checkEnvironment(context, right);
        return receiptOutcome(
          context,
          await runJobRequest(context, {
            kind: 'verify',
            input: { left, right, ...exceptions(options), ...limits(options), ...untried(options) },
          }),
        );
      }),
    );
}
