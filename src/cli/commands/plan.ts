import type { Command } from 'commander';
import type { Plan, PlanInput } from '../../sync/contract/plan.ts';
import { action } from '../command.ts';
import type { CommandDeps } from '../command.ts';
import {
  backupOption,
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
} from '../command-options.ts';
import type { SharedOptions } from '../command-options.ts';
import { checkEnvironment } from '../context.ts';
import type { Context } from '../context.ts';
import { withInterrupt } from '../interrupt.ts';
import type { Outcome } from '../outcome.ts';
import { renderPlan } from '../render/plan.ts';
import { reportedError } from '../service-client.ts';

/** More than ten fields: the shared flags, and its own. */
export interface PlanOptions extends SharedOptions {
  /** False with --no-search. */
  readonly search: boolean;
}

export function addPlan(program: Command, deps: CommandDeps): void {
  program
    .command('plan')
    .description('what a sync would do: reads both ends, changes nothing')
    .argument('<source>')
    .argument('<target>')
    .addOption(modeOption())
    .addOption(backupOption())
    .option('--no-search', 'leave the search as it is')
    .addOption(noOwnerOption())
    .addOption(noPrivilegesOption())
    .addOption(leaveOutOption())
    .addOption(mapRoleOption())
    .addOption(untriedServersOption())
    .addOption(ignoreMigrationsOption())
    .action(
      action<PlanOptions>(deps, async (context, [source = '', target = ''], options) => {
        checkEnvironment(context, source);
        checkEnvironment(context, target);
        return planOutcome(context, await makePlan(context, planInput(source, target, options)));
      }),
    );
}

/** What the options of `plan`, and of the `sync` that it foresees, ask for. */
export function planInput(source: string, target: string, options: PlanOptions): PlanInput {
  const { mode, backup, search } = options;
  return {
    source,
    target,
    ...(mode === undefined ? {} : { mode }),
    ...(backup === undefined ? {} : { backup }),
    ...(search ? {} : { search: false }),
    ...ownership(options),
    ...exceptions(options),
    ...untried(options),
    ...migrations(options),
  };
}

/** Of a service where one is named, else made in this process. */
export async function makePlan(context: Context, input: PlanInput): Promise<Plan> {
  const { service, io } = context;
  return withInterrupt(
    context,
    { first: 'Stopping; a plan changes nothing.', second: 'Left; a plan changes nothing.' },
    async (signal) => {
      if (service !== null) return (await service.post('/api/plan', input, { signal })) as Plan;
      const { planSync } = await import('../../sync/verbs/plan.ts');
      return planSync({ config: context.config(), now: io.now }, input, { signal });
    },
  );
}

/** A plan that cannot be carried out is told whole, and its first obstacle is the exit code. */
function planOutcome({ colour }: Context, plan: Plan): Outcome {
  const { type: _, ...fields } = plan;
  const [first] = plan.blockers;
  return {
    fields,
    text: renderPlan(plan, { color: colour.data }),
    ...(first === undefined ? {} : { error: reportedError(first) }),
  };
}
