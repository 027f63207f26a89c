import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { SyncError } from '../../errors/sync-error.ts';
import { action } from '../command.ts';
import type { CommandDeps } from '../command.ts';
import type { Context } from '../context.ts';
import { askEnvironment, askYes } from '../init/ask-environment.ts';
import type { Outcome } from '../outcome.ts';
import { canAsk, Questions } from '../prompt.ts';

export function addInit(program: Command, deps: CommandDeps): void {
  program
    .command('init')
    .description('ask for your environments, try them, and write .env and the configuration file')
    .action(action(deps, async (context) => init(context)));
}

/**
 * Nothing is written before the last question is answered, and nothing that is there is changed: new lines are put
 * behind an `.env`, a configuration file stays as it is. Ctrl-C: CANCELLED, nothing was written.
 */
async function init(context: Context): Promise<Outcome> {
  const { io, options, program } = context;
  if (!canAsk(io) || options.json === true) {
    throw new SyncError('USAGE_INVALID', 'init asks questions, and needs a terminal for them.', {
      hint: 'Without one: write NAME_DATABASE_URL=… into .env, as .env.example and docs/configuration.md show.',
    });
  }
  const known = [...context.config().environments.keys()];
  const stopped = new AbortController();
  const stop = io.onInterrupt(() => stopped.abort(new SyncError('CANCELLED', 'Nothing was written.')));
  const questions = new Questions(io);
  const asking = { context, questions, signal: stopped.signal };
  try {
    if (known.length > 0) context.say(`Known already: ${known.join(', ')}.`);
    const names = [...known];
    const lines: string[] = [];
    for (;;) {
      const asked = await askEnvironment(asking, questionAfter(names.length), new Set(names));
      if (asked === null) break;
      names.push(asked.name);
      lines.push(...asked.lines);
    }
    const file = join(io.cwd, 'multiboard-sync.config.yaml');
    const preset =
      !existsSync(file) &&
      (await askYes(
        questions,
        'Is it a Multiboard catalogue? Then people’s own tables are kept (preset multiboard).',
        false,
      ));
    return written(context, { names, lines, preset, file, program: program.name });
  } finally {
    questions.close();
    stop();
  }
}

function questionAfter(known: number): string {
  if (known === 0) return 'Name of the environment to read from, such as production: ';
  if (known === 1) return 'Name of the environment to write to, such as staging (empty: no more): ';
  return 'Name of one more environment (empty: no more): ';
}

interface Answers {
  readonly names: readonly string[];
  readonly lines: readonly string[];
  readonly preset: boolean;
  readonly file: string;
  readonly program: string;
}

function written({ io }: Context, { names, lines, preset, file, program }: Answers): Outcome {
  const files: string[] = [];
  if (lines.length > 0) {
    const path = join(io.cwd, '.env');
    const before = existsSync(path) ? readFileSync(path, 'utf8') : '';
    const gap = before === '' || before.endsWith('\n') ? '' : '\n';
    appendFileSync(path, `${gap}${lines.join('\n')}\n`, { mode: 0o600 });
    files.push(path);
  }
  if (!existsSync(file)) {
    writeFileSync(file, configurationText(preset), { mode: 0o600, flag: 'wx' });
    files.push(file);
  }
  const [source = 'production', target] = names;
  const next = [
    `${program} doctor`,
    ...(target === undefined ? [] : [`${program} plan ${source} ${target}`]),
  ];
  const wrote = files.length === 0 ? 'There was nothing to write.' : `Wrote ${files.join(' and ')}.`;
  return {
    fields: { files, environments: names },
    text: `${wrote}\nNext:\n${next.map((line) => `  ${line}\n`).join('')}`,
  };
}

function configurationText(preset: boolean): string {
  return `# What each key means: docs/configuration.md. Addresses, passwords and keys stand in .env.
${preset ? '' : '# '}preset: multiboard

# What a sync does with a table: sync (the default), preserve, truncate, exclude, schemaOnly. First match wins.
# tables:
#   Session: schemaOnly
#   'audit.*': exclude
`;
}
