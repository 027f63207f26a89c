import type { Command } from 'commander';
import type { PlanInput } from '../../sync/contract/plan.ts';
import { action } from '../command.ts';
import type { CommandDeps } from '../command.ts';
import {
  addReplacingOptions,
  confirmOption,
  confirmTarget,
  detachOption,
  limits,
  replacing,
  schemaOption,
  unmaskedOption,
  withWorkers,
  workersOption,
} from '../command-options.ts';
import type { LimitOptions, ReplacingOptions } from '../command-options.ts';
import { checkEnvironment } from '../context.ts';
import type { Context } from '../context.ts';
import { renderPlan } from '../render/plan.ts';
import { runAndTell } from '../run-and-tell.ts';
import { inTheWay, makePlan } from './plan.ts';

export function addSync(program: Command, deps: CommandDeps): void {
  const command = program
    .command('sync')
    .description('make the target equal to the source, proved, and rebuild its search')
    .argument('<source>')
    .argument('<target>')
    .addOption(confirmOption('must be the target’s name'));
  addReplacingOptions(command)
    .addOption(schemaOption())
    .addOption(unmaskedOption())
    .addOption(workersOption())
    .addOption(detachOption())
    .action(
      action<ReplacingOptions & LimitOptions>(deps, async (context, [source = '', target = ''], options) => {
        checkEnvironment(context, source);
        checkEnvironment(context, target);
        sayEnds(context, source, target);
        const input = { source, target, ...replacing(options), ...limits(options) };
        const confirm = await confirmTarget(
          context,
          target,
          options.confirm,
          `What is in ${target} will be replaced by the data of ${source}, except for kept tables, and for schemas ` +
            'that take no part.',
          // Whoever waits at a prompt has not asked for the exact numbers, which may take as long as the run.
          () => showPlan(context, { ...input, estimate: true }),
        );
        return runAndTell(
          context,
          { kind: 'sync', input: { ...input, confirm } },
          { adjust: withWorkers(context, options.workers), detach: options.detach },
        );
      }),
    );
}

/** Whoever is asked for a name sees first what it stands for. Throws where something is in the way. */
async function showPlan(context: Context, input: PlanInput): Promise<void> {
  const plan = await makePlan(context, input);
  context.io.stderr.write(`${renderPlan(plan, { color: context.colour.people })}\n`);
  const error = inTheWay(plan);
  if (error !== null) throw error;
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
