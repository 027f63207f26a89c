import type { Command } from 'commander';
import { action } from '../command.ts';
import type { CommandDeps } from '../command.ts';
import {
  backupOption,
  confirmOption,
  confirmTarget,
  exceptions,
  leaveOutOption,
  ignoreMigrationsOption,
  mapRoleOption,
  migrations,
  modeOption,
  noOwnerOption,
  noPrivilegesOption,
  ownership,
  untried,
  untriedServersOption,
  withWorkers,
  workersOption,
} from '../command-options.ts';
import type { SharedOptions } from '../command-options.ts';
import { checkEnvironment } from '../context.ts';
import { receiptOutcome } from '../receipt-outcome.ts';
import { runJobRequest } from '../run-job-request.ts';

interface Options extends SharedOptions {
  /** False with --no-search. */
  readonly search: boolean;
}

export function addSync(program: Command, deps: CommandDeps): void {
  program
    .command('sync')
    .description('make the target equal to the source, proved, and rebuild its search')
    .argument('<source>')
    .argument('<target>')
    .addOption(confirmOption('must be the target’s name'))
    .addOption(modeOption())
    .addOption(backupOption())
    .option('--no-search', 'leave the search as it is')
    .addOption(noOwnerOption())
    .addOption(noPrivilegesOption())
    .addOption(leaveOutOption())
    .addOption(mapRoleOption())
    .addOption(untriedServersOption())
    .addOption(ignoreMigrationsOption())
    .addOption(workersOption())
    .action(
      action<Options>(deps, async (context, [source = '', target = ''], options) => {
        checkEnvironment(context, source);
        checkEnvironment(context, target);
        sayEnds(context, source, target);
        const confirm = await confirmTarget(
          context,
          target,
          options.confirm,
          `Everything in ${target} will be replaced by what is in ${source}.`,
        );
        const { mode, backup, search, workers } = options;
        const receipt = await runJobRequest(
          context,
          {
            kind: 'sync',
            input: {
              source,
              target,
              confirm,
              ...(mode === undefined ? {} : { mode }),
              ...(backup === undefined ? {} : { backup }),
              ...(search ? {} : { search: false }),
              ...ownership(options),
              ...exceptions(options),
              ...untried(options),
              ...migrations(options),
            },
          },
          { adjust: withWorkers(context, workers) },
        );
        return receiptOutcome(context, receipt);
      }),
    );
}

/** From and To without secrets, before anything happens. */
function sayEnds(context: Parameters<typeof checkEnvironment>[0], source: string, target: string): void {
  if (context.service !== null || context.options.json === true) return;
  const { environments } = context.config();
  for (const [label, name] of [
    ['From:', source],
    ['To:  ', target],
  ] as const) {
    const environment = environments.get(name);
    if (environment === undefined) continue;
    const { database, schema, search } = environment;
    const cluster = search === null ? '' : `, search ${search.nodes.join(', ')}`;
    context.say(
      `${label} ${name} (${database.toString()}, application tables in schema ${schema}${cluster})`,
    );
  }
}
