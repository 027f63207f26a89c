import type { Command } from 'commander';
import { SyncError } from '../../errors/sync-error.ts';
import { action } from '../command.ts';
import type { CommandDeps } from '../command.ts';
import { checkEnvironment } from '../context.ts';
import type { Context } from '../context.ts';
import { withInterrupt } from '../interrupt.ts';
import { findingsOutcome } from './doctor.ts';

export function addSearch(program: Command, deps: CommandDeps): void {
  const search = program.command('search').description('look at the search of an environment');
  search
    .command('check')
    .description(
      'what a rebuild would meet: Typesense, its key, each collection’s query and fields, disk and memory, and what ' +
        'would be added, changed and removed',
    )
    .argument('<environment>')
    .action(
      action(deps, async (context, [environment = '']) => {
        refuseService(context);
        checkEnvironment(context, environment);
        const findings = await withInterrupt(
          context,
          { first: 'Stopping; nothing was changed.', second: 'Left; nothing was changed.' },
          async (signal) => {
            const { examineSearch } = await import('../../sync/verbs/examine-search.ts');
            const input = { environment, thorough: true };
            return examineSearch({ config: context.config(), now: context.io.now }, input, { signal });
          },
        );
        return findingsOutcome(context, findings);
      }),
    );
  search
    .command('init')
    .description('write the block of a configuration that makes a table searchable, to be pasted and changed')
    .argument('<environment>')
    .argument('<table>', 'Name, or schema.Name')
    .action(
      action(deps, async (context, [environment = '', table = '']) => {
        refuseService(context);
        checkEnvironment(context, environment);
        const { block, ...fields } = await withInterrupt(
          context,
          { first: 'Stopping; nothing was changed.', second: 'Left; nothing was changed.' },
          async (signal) => {
            const { initSearch } = await import('../../sync/verbs/init-search.ts');
            const verbDeps = { config: context.config(), now: context.io.now };
            return initSearch(verbDeps, { environment, table }, { signal });
          },
        );
        return { fields: { ...fields, block }, text: block };
      }),
    );
}

function refuseService({ service }: Context): void {
  if (service === null) return;
  throw new SyncError(
    'USAGE_INVALID',
    'This command reads the configuration of this machine: leave --server out.',
  );
}
