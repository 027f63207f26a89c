import type { Command } from 'commander';
import { SyncError } from '../../errors/sync-error.ts';
import { counted } from '../../progress/words.ts';
import type { Plan, PlanInput } from '../../sync/contract/plan.ts';
import { action } from '../command.ts';
import type { CommandDeps } from '../command.ts';
import { addReplacingOptions, limits, replacing, schemaOption, unmaskedOption } from '../command-options.ts';
import type { LimitOptions, ReplacingOptions } from '../command-options.ts';
import { checkEnvironment } from '../context.ts';
import type { Context } from '../context.ts';
import { withInterrupt } from '../interrupt.ts';
import type { Outcome } from '../outcome.ts';
import { renderPlan } from '../render/plan.ts';
import { reportedError } from '../service-client.ts';

export function addPlan(program: Command, deps: CommandDeps): void {
  const command = program
    .command('plan')
    .description('what a sync would do: reads both ends, changes nothing')
    .argument('<source>')
    .argument('<target>');
  addReplacingOptions(command)
    .addOption(schemaOption())
    .addOption(unmaskedOption())
    .option('--estimate', 'guess the rows from the servers’ statistics, without comparing them')
    .action(
      action<ReplacingOptions & LimitOptions & { readonly estimate?: boolean }>(
        deps,
        async (context, [source = '', target = ''], options) => {
          checkEnvironment(context, source);
          checkEnvironment(context, target);
          const input = {
            source,
            target,
            ...replacing(options),
            ...limits(options),
            ...(options.estimate === true ? { estimate: true } : {}),
          };
          return planOutcome(context, await makePlan(context, input));
        },
      ),
    );
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
function planOutcome({ colour, options }: Context, plan: Plan): Outcome {
  const { type: _, ...fields } = plan;
  const [first] = plan.blockers;
  const error = first !== undefined && options.json === true ? reportedError(first) : inTheWay(plan);
  return {
    fields,
    text: renderPlan(plan, { color: colour.data }),
    ...(error === null ? {} : { error }),
  };
}

/**
 * For whoever has read the plan, which tells each obstacle and its remedy: that there are any, with the code of the
 * first.
 */
export function inTheWay({
  source,
  target,
  blockers,
}: Pick<Plan, 'source' | 'target' | 'blockers'>): SyncError | null {
  const [first] = blockers;
  if (first === undefined) return null;
  const { code, details } = reportedError(first);
  return new SyncError(
    code,
    `A sync of ${source} to ${target} would fail: the plan names ${counted(blockers.length, 'thing')} in its way.`,
    {
      details,
      hint: 'Do what the plan says below each, then make it again.',
    },
  );
}
