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
    .option('--rebuild', 'build also collections that equal the database already')
    .addOption(untriedServersOption())
    .addOption(detachOption())
    .action(
      action<Pick<SharedOptions, 'untriedServers' | 'detach'> & { readonly rebuild?: boolean }>(
        deps,
        async (context, [environment = '', ...collections], options) => {
          checkEnvironment(context, environment);
          const input = {
            environment,
            ...(collections.length === 0 ? {} : { collections }),
            ...(options.rebuild === true ? { rebuild: true } : {}),
            ...untried(options),
          };
          return runAndTell(context, { kind: 'typesense', input }, options);
        },
      ),
    );
}
