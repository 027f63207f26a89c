import { version } from '../lib/version.ts';
import { Command, CommanderError } from 'commander';
import { SyncError } from '../errors/sync-error.ts';
import { addCompletion } from './commands/completion.ts';
import { addDoctor } from './commands/doctor.ts';
import { addDumps } from './commands/dumps.ts';
import { addExport } from './commands/export.ts';
import { addImport } from './commands/import.ts';
import { addInit } from './commands/init.ts';
import { addJobs } from './commands/jobs.ts';
import { addKept } from './commands/kept.ts';
import { addNotices } from './commands/notices.ts';
import { addMasks } from './commands/masks.ts';
import { addPlan } from './commands/plan.ts';
import { addRehearse } from './commands/rehearse.ts';
import { addRollback } from './commands/rollback.ts';
import { addSchedules } from './commands/schedules.ts';
import { addServe } from './commands/serve.ts';
import { addSync } from './commands/sync.ts';
import { addTokens } from './commands/tokens.ts';
import { addSearch } from './commands/search.ts';
import { addTypesense } from './commands/typesense.ts';
import { addVerify } from './commands/verify.ts';
import { surviveClosedPipes } from './io.ts';
import type { Io } from './io.ts';
import { writeFailure } from './outcome.ts';

const examples = `Examples:
  multiboard-sync sync production staging --confirm staging
  multiboard-sync export production --compress gzip --output catalogue.sql.gz
`;

const epilogue = `
Every NAME_DATABASE_URL in the environment, or in .env, is an environment called name.
Exit codes: 0 done, 2 usage, 3 configuration, 4 authentication, 5 conflict or busy, 10 source, 11 target,
12 storage, 13 search, 20 verification mismatch, 70 internal, 130 cancelled.
`;

/** Runs one command line and returns its exit code; never rejects. */
export async function runCommandLine(io: Io): Promise<number> {
  surviveClosedPipes(io);
  let exitCode = 0;
  const program = buildProgram(io, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...io.argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    const json = io.argv.includes('--json');
    if (!(error instanceof CommanderError)) return writeFailure({ io, options: { json } }, error);
    // Help and version that were asked for.
    if (error.exitCode === 0) return 0;
    return writeFailure({ io, options: { json } }, usageError(error));
  }
}

function buildProgram(io: Io, setExitCode: (code: number) => void): Command {
  const program = new Command('multiboard-sync')
    .description(
      'Makes one PostgreSQL environment equal to another, proves it, and rebuilds its Typesense search.',
    )
    .version(version, '-V, --version')
    .option('--json', 'events and the result as JSON, one object a line, on stdout')
    .option('--quiet', 'no progress')
    .option(
      '--server <url>',
      'run through this service instead of in this process (key from API_KEY, else from the data directory)',
    )
    .option('--config <file>', 'the configuration file (default: multiboard-sync.config.yaml, found upward)')
    .addHelpText('before', examples)
    .addHelpText('after', epilogue)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      // Told with hint and code by `writeFailure`.
      outputError: () => {},
    })
    .exitOverride();
  const deps = { io, setExitCode };
  for (const add of [
    addSync,
    addPlan,
    addExport,
    addImport,
    addVerify,
    addRollback,
    addRehearse,
    addTypesense,
    addSearch,
    addDumps,
    addKept,
    addMasks,
    addDoctor,
    addJobs,
    addSchedules,
    addNotices,
    addServe,
    addTokens,
    addInit,
    addCompletion,
  ]) {
    add(program, deps);
  }
  return program;
}

/** Commander's own sentences, as ours: `error: unknown option '--x'\n(Did you mean --y?)`. */
function usageError({ code, message }: CommanderError): SyncError {
  if (code === 'commander.help') {
    return new SyncError('USAGE_INVALID', 'No command was given.', { hint: 'See multiboard-sync --help.' });
  }
  const sentence = message.replace(/^error: /, '').replaceAll('\n', ' ');
  const capital = sentence.charAt(0).toUpperCase() + sentence.slice(1);
  return new SyncError('USAGE_INVALID', /[.?)]$/.test(capital) ? capital : `${capital}.`, {
    hint: 'See multiboard-sync --help, or --help after a command.',
  });
}
