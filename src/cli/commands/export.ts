import { resolve } from 'node:path';
import type { Command } from 'commander';
import { SyncError } from '../../errors/sync-error.ts';
import { action } from '../command.ts';
import type { CommandDeps } from '../command.ts';
import {
  compressOption,
  detachOption,
  leaveOutOption,
  limits,
  schemaOption,
  unmaskedOption,
  untried,
  untriedServersOption,
  workersOption,
} from '../command-options.ts';
import type { LimitOptions, SharedOptions } from '../command-options.ts';
import { checkEnvironment } from '../context.ts';
import { runAndTell } from '../run-and-tell.ts';

interface Options
  extends
    LimitOptions,
    Pick<SharedOptions, 'workers' | 'compress' | 'leaveOut' | 'untriedServers' | 'detach'> {
  readonly output?: string | undefined;
}

export function addExport(program: Command, deps: CommandDeps): void {
  program
    .command('export')
    .description('write a dump of an environment: SQL that psql restores, and its manifest')
    .argument('<environment>')
    .option('-o, --output <file>', 'where to put the file; its manifest lies beside it')
    .addOption(compressOption())
    .addOption(workersOption())
    .addOption(leaveOutOption())
    .addOption(schemaOption())
    .addOption(unmaskedOption())
    .addOption(untriedServersOption())
    .addOption(detachOption())
    .action(
      action<Options>(deps, async (context, [environment = ''], options) => {
        const { output, compress, workers, leaveOut } = options;
        checkEnvironment(context, environment);
        if (output !== undefined && (context.service !== null || options.detach === true)) {
          throw new SyncError(
            'USAGE_INVALID',
            '--output cannot be used with --server or --detach: the service keeps its dumps.',
            {
              hint: 'Fetch the dump from the service: GET /api/dumps/<id>/download.',
            },
          );
        }
        const input = {
          environment,
          ...(compress === undefined ? {} : { compression: compress }),
          ...(workers === undefined ? {} : { workers }),
          ...(leaveOut === undefined ? {} : { leaveOut }),
          ...limits(options),
          ...untried(options),
          ...(output === undefined ? {} : { output: resolve(context.io.cwd, output) }),
        };
        return runAndTell(context, { kind: 'export', input }, options);
      }),
    );
}
