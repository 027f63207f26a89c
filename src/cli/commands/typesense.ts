import type { Command } from 'commander';
import { action } from '../command.ts';
import type { CommandDeps } from '../command.ts';
import { untried, untriedServersOption } from '../command-options.ts';
import type { SharedOptions } from '../command-options.ts';
import { checkEnvironment } from '../context.ts';
import { receiptOutcome } from '../receipt-outcome.ts';
import { runJobRequest } from '../run-job-request.ts';

export function addTypesense(program: Command, deps: CommandDeps): void {
  program
    .command('typesense')
    .description('rebuild the search collections of an environment from its database')
    .argument('<environment>')
    .argument('[collection...]', 'all when none is named')
    .addOption(untriedServersOption())
    .action(
      action<Pick<SharedOptions, 'untriedServers'>>(
        deps,
        async (context, [environment = '', ...collections], options) => {
          checkEnvironment(context, environment);
          const receipt = await runJobRequest(context, {
            kind: 'typesense',
            input: {
              environment,
              ...(collections.length === 0 ? {} : { collections }),
              ...untried(options),
            },
          });
          return receiptOutcome(context, receipt);
        },
      ),
    );
}
