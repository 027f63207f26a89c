import type { Command } from 'commander';
import type { PlanInput } from '../../sync/contract/plan.ts';
import { action } from '../command.ts';
import type { CommandDeps } from '../command.ts';
import {
  backupOption,
  confirmOption,
  confirmTarget,
  leaveOutOption,
  ignoreMigrationsOption,
  mapRoleOption,
  modeOption,
  noOwnerOption,
  noPrivilegesOption,
  untriedServersOption,
  withWorkers,
  workersOption,
} from '../command-options.ts';
import { checkEnvironment } from '../context.ts';
import type { Context } from '../context.ts';
import { receiptOutcome } from '../receipt-outcome.ts';
import { renderPlan } from '../render/plan.ts';
import { runJobRequest } from '../run-job-request.ts';
import { reportedError } from '../service-client.ts';
import { makePlan, planInput } from './plan.ts';
import type { PlanOptions } from './plan.ts';

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
      action<PlanOptions>(deps, async (context, [source = '', target = ''], options) => {
        checkEnvironment(context, source);
        checkEnvironment(context, target);
        sayEnds(context, source, target);
        const input = planInput(source, target, options);
        const confirm = await confirmTarget(
          context,
          target,
          options.confirm,
          `Everything in ${target} will be replaced by the data of ${source}, except for kept tables.`,
          () => showPlan(context, input),
        );
        const receipt = await runJobRequest(
          context,
          { kind: 'sync', input: { ...input, confirm } },
          { adjust: withWorkers(context, options.workers) },
        );
        return receiptOutcome(context, receipt);
      }),
    );
}

/** Whoever is asked for a name sees first what it stands for. Throws the plan's first obstacle. */
async function showPlan(context: Context, input: PlanInput): Promise<void> {
  const plan = await makePlan(context, input);
  context.io.stderr.write(`${renderPlan(plan, { color: context.colour.people })}\n`);
  const [first] = plan.blockers;
  if (first !== undefined) throw reportedError(first);
}

/** From and To without secrets, before anything happens. */
function sayEnds(context: Context, source: string, target: string): void {
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
