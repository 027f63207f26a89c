import type { Argument, Command, Option } from 'commander';

/** Arguments and options by these names stand for an environment. */
const environmentNames = new Set(['environment', 'environments', 'source', 'target', 'a', 'b', 'confirm']);

/** What a shell may offer without quoting it, and without its reading anything into it. */
const plain = /^[\w@%+=:,./-]+$/;

/**
 * The words that may stand where the last of `words` is being typed (which may be empty), those that begin with it
 * alone. `words`: what is typed behind the program's name. Pure but for `environments`, which is asked only if their
 * names may stand there.
 */
export function candidates(
  program: Command,
  words: readonly string[],
  environments: () => readonly string[],
): readonly string[] {
  const typed = words.at(-1) ?? '';
  const { command, given, option } = place(program, words.slice(0, -1));
  const fitting = (all: readonly string[]): readonly string[] =>
    all.filter((word) => word.startsWith(typed) && plain.test(word));
  if (option !== null) return fitting(valuesOf(option, environments));
  if (typed.startsWith('-')) return fitting(optionsOf(program, command));
  const commands = subcommands(command);
  if (commands.length > 0 && given === 0) return fitting(commands.map((one) => one.name()));
  const { registeredArguments } = command;
  const argument = registeredArguments[given] ?? registeredArguments.find(({ variadic }) => variadic);
  return argument === undefined ? [] : fitting(valuesOf(argument, environments));
}

interface Place {
  readonly command: Command;
  /** Arguments of the command that stand there already. */
  readonly given: number;
  /** The option whose value comes next. */
  readonly option: Option | null;
}

function place(program: Command, words: readonly string[]): Place {
  let command = program;
  let given = 0;
  let option: Option | null = null;
  for (const word of words) {
    if (option !== null) {
      option = null;
      continue;
    }
    if (word.startsWith('-')) {
      const known = [...command.options, ...program.options].find(
        ({ short, long }) => short === word || long === word,
      );
      option = known?.required === true ? known : null;
      continue;
    }
    const next = given === 0 ? subcommands(command).find((one) => one.name() === word) : undefined;
    if (next === undefined) given += 1;
    else command = next;
  }
  return { command, given, option };
}

function subcommands(command: Command): readonly Command[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .filter((one) => one.name() !== 'help');
}

function optionsOf(program: Command, command: Command): readonly string[] {
  const options = [...command.options, ...(command === program ? [] : program.options)];
  return [...options.flatMap(({ long, hidden }) => (hidden ? [] : (long ?? []))), '--help'];
}

function valuesOf(of: Option | Argument, environments: () => readonly string[]): readonly string[] {
  if (of.argChoices !== undefined) return of.argChoices;
  return environmentNames.has(of.name()) ? environments() : [];
}
