import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { SyncError } from '../../errors/sync-error.ts';
import { idPattern } from '../../lib/ids.ts';
import type { ImportInput } from '../../sync/contract/inputs.ts';
import { action } from '../command.ts';
import type { CommandDeps } from '../command.ts';
import {
  addReplacingOptions,
  confirmOption,
  confirmTarget,
  detachOption,
  replacing,
  withWorkers,
  workersOption,
} from '../command-options.ts';
import type { ReplacingOptions } from '../command-options.ts';
import { checkEnvironment } from '../context.ts';
import type { Context } from '../context.ts';
import { runAndTell } from '../run-and-tell.ts';

/** More than ten fields: the shared flags, and its own. */
interface Options extends ReplacingOptions {
  readonly schema?: string | undefined;
}

export function addImport(program: Command, deps: CommandDeps): void {
  const command = program
    .command('import')
    .description(
      'replace an environment by a dump (of this program: id or file; or plain pg_dump), and rebuild its search',
    )
    .argument('<dump>', 'id of a dump, or a file')
    .argument('<environment>')
    .addOption(confirmOption('must be the environment’s name'));
  addReplacingOptions(command)
    .option('--schema <name>', 'the schema of the application’s tables, as the dump calls it')
    .addOption(workersOption())
    .addOption(detachOption())
    .action(
      action<Options>(deps, async (context, [dump = '', target = ''], options) => {
        checkEnvironment(context, target);
        const named = dumpNamed(context, dump, options.detach === true);
        const confirm = await confirmTarget(
          context,
          target,
          options.confirm,
          `Everything in ${target} will be replaced by ${dump}.`,
        );
        return runAndTell(
          context,
          {
            kind: 'import',
            input: {
              dump: named,
              target,
              confirm,
              ...replacing(options),
              ...(options.schema === undefined ? {} : { schema: options.schema }),
            },
          },
          { adjust: withWorkers(context, options.workers), detach: options.detach },
        );
      }),
    );
}

/** A file that is there is meant; otherwise what looks like an id is one. Throws USAGE_NOT_FOUND. */
function dumpNamed({ io, service }: Context, dump: string, detach: boolean): ImportInput['dump'] {
  const isId = idPattern.test(dump);
  if (service !== null || detach) {
    if (isId) return { id: dump };
    throw new SyncError('USAGE_INVALID', 'A service imports dumps by id, not files.');
  }
  const file = resolve(io.cwd, dump);
  if (statSync(file, { throwIfNoEntry: false })?.isFile() === true) return { file };
  // pg_dump's directory format: whoever names it hears what to do with it.
  if (existsSync(join(file, 'toc.dat'))) return { file };
  if (isId) return { id: dump };
  if (existsSync(file))
    throw new SyncError(
      'USAGE_INVALID',
      `${dump} is not a file that can be read twice; nothing was started.`,
      {
        hint: 'Name a file; save what comes from a pipe to one first.',
      },
    );
  throw new SyncError('USAGE_NOT_FOUND', `There is no file ${dump}; nothing was started.`);
}
