import { Argument } from 'commander';
import type { Command } from 'commander';
import { action } from '../command.ts';
import type { CommandDeps } from '../command.ts';
import { candidates } from '../completion/candidates.ts';
import { completionScripts, shells } from '../completion/scripts.ts';
import type { Shell } from '../completion/scripts.ts';
import type { Context } from '../context.ts';

/** `completion` is for people, `complete` for the shells that its scripts are read by. */
export function addCompletion(program: Command, deps: CommandDeps): void {
  program
    .command('completion')
    .description('print what a shell reads so that it completes commands, options and environments')
    .addArgument(new Argument('<shell>', 'whose').choices(shells))
    .action(
      action(deps, async (_, [shell = 'bash']) => {
        const script = completionScripts[shell as Shell];
        return { fields: { shell, script }, text: script };
      }),
    );
  program
    .command('complete', { hidden: true })
    .description('the words that may stand where the last one is typed, a line each')
    .argument('[words...]')
    .action(
      action(deps, async (context, words) => {
        const found = candidates(program, words, () => environmentsOf(context));
        return { fields: { words: found }, text: found.map((word) => `${word}\n`).join('') };
      }),
    );
}

/** None where the configuration cannot be read: whoever presses a key is not told of faults, any command tells them. */
function environmentsOf(context: Context): readonly string[] {
  try {
    return [...context.config().environments.keys()];
  } catch {
    return [];
  }
}
