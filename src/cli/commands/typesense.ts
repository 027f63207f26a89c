import type { Command } from 'commander';
import { action } from '../command.ts';
import type { CommandDeps } from '../command.ts';
import { detachOption, untried, untriedServersOption } from '../command-options.ts';
import type { SharedOptions } from '../command-options.ts';
import { checkEnvironment } from '../context.ts';
import { runAndTell } from '../run-and-tell.ts';

export function addTypesense(program: Command, deps: CommandDeps): void {
  program
    .command('typesense')
    .description('rebuild the search collections of an environment from its database')
    .argument('<environment>')
    .argument('[collection...]', 'all when none is named')
    .addOption(untriedServersOption())
    .addOption(detachOption())
    .action(
      action<Pick<SharedOptions, 'untriedServers' | 'detach'>>(
        deps,
        async (context, [environment = '', ...collections], options) => {
          checkEnvironment(context, environment);
          const input = {
            environment,
            ...(collections.length === 0 ? {} : { collections }),
            ...untried(options),
          };
          return runAndTell(context, { kind: 'typesense', input }, options);
        },
      ),
    );
}
