import type { Command } from 'commander';
import { SyncError } from '../../errors/sync-error.ts';
import { action } from '../command.ts';
import type { CommandDeps } from '../command.ts';
import {
  detachOption,
  exceptions,
  leaveOutOption,
  limits,
  mapRoleOption,
  schemaOption,
  unmaskedOption,
  untried,
  untriedServersOption,
} from '../command-options.ts';
import type { LimitOptions, SharedOptions } from '../command-options.ts';
import { checkEnvironment } from '../context.ts';
import { runAndTell } from '../run-and-tell.ts';

type Options = Pick<SharedOptions, 'leaveOut' | 'mapRole' | 'untriedServers' | 'detach'> &
  LimitOptions & { readonly search?: boolean };

export function addVerify(program: Command, deps: CommandDeps): void {
  program
    .command('verify')
    .description(
      'compare two environments, table by table, or (--search) the search of one with its database; exit code 20 ' +
        'when they differ',
    )
    .argument('<a>')
    .argument('[b]', 'left out with --search')
    .option('--search', 'compare what the live search of <a> holds with its database, document by document')
    .addOption(leaveOutOption())
    .addOption(mapRoleOption())
    .addOption(schemaOption())
    .addOption(unmaskedOption())
    .addOption(untriedServersOption())
    .addOption(detachOption())
    .action(
      action<Options>(deps, async (context, [left = '', second], options) => {
        const search = options.search === true;
        if (search === (second !== undefined)) {
          throw new SyncError(
            'USAGE_INVALID',
            search
              ? '--search compares one environment with its own search: name one environment.'
              : 'Name two environments, or one with --search.',
          );
        }
        const right = second ?? left;
        checkEnvironment(context, left);
        checkEnvironment(context, right);
        const input = {
          left,
          right,
          ...(search ? { search } : {}),
          ...exceptions(options),
          ...limits(options),
          ...untried(options),
        };
        return runAndTell(context, { kind: 'verify', input }, options);
      }),
    );
}
