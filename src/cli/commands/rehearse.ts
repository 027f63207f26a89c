import type { Command } from 'commander';
import type { RehearsalState } from '../../sync/verbs/rehearsals.ts';
import { action } from '../command.ts';
import type { CommandDeps } from '../command.ts';
import { detachOption, untried, untriedServersOption } from '../command-options.ts';
import type { SharedOptions } from '../command-options.ts';
import { checkEnvironment } from '../context.ts';
import type { Context } from '../context.ts';
import { runAndTell } from '../run-and-tell.ts';

export function addRehearse(program: Command, deps: CommandDeps): void {
  program
    .command('rehearse')
    .description(
      'prove that the newest dump of an environment can be restored, in a database of its own that is dropped',
    )
    .argument('[environment]', 'whose dump; without one, tells when which dumps were last proved')
    .argument('[server]', 'the environment whose server lends a database; its own is not touched')
    .addOption(untriedServersOption())
    .addOption(detachOption())
    .action(
      action<Pick<SharedOptions, 'untriedServers' | 'detach'>>(
        deps,
        async (context, [environment, server], options) => {
          if (environment === undefined) return told(context);
          checkEnvironment(context, environment);
          const lender = server ?? environment;
          checkEnvironment(context, lender);
          const input = { environment, server: lender, ...untried(options) };
          return runAndTell(context, { kind: 'rehearsal', input }, options);
        },
      ),
    );
}

async function told({
  service,
  config,
  io,
}: Context): Promise<{ readonly fields: object; readonly text: string }> {
  const { rehearsalStates, rehearsalWords } = await import('../../sync/verbs/rehearsals.ts');
  const rehearsals =
    service === null
      ? await rehearsalStates(config())
      : ((await service.get('/api/rehearsals')) as { readonly rehearsals: readonly RehearsalState[] })
          .rehearsals;
  const lines = rehearsals.map((state) => `${state.environment}: ${rehearsalWords(state, io.now())}.`);
  const text = lines.length === 0 ? 'No dump was ever rehearsed.' : lines.join('\n');
  return { fields: { rehearsals }, text: `${text}\n` };
}
