import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { exitCodes } from '../errors/outcome.ts';
import { asSyncError, SyncError } from '../errors/sync-error.ts';
import { Releasers } from '../lib/releasers.ts';
import { runDemo } from './run-demo.ts';
import type { SyncOutput } from './run-sync.ts';

/** `npm run demo [-- --parts N --exit]`: everything on this machine, nothing left behind. */
const partsDefault = 5_000;
const partsMin = 100;
const partsMax = 2_000_000;
const repeatMs = 1_000;

const { env, stderr, stdout } = process;
const colourWanted = (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';

const output: SyncOutput = {
  screen: stderr.isTTY && env['TERM'] !== 'dumb' ? stderr : null,
  colour: colourWanted && stdout.isTTY && stderr.isTTY,
  say: (line) => {
    stderr.write(`${line}\n`);
  },
  print: (text) => {
    stdout.write(text);
  },
};

process.exitCode = await main();

async function main(): Promise<number> {
  const interrupt = new AbortController();
  const releasers = new Releasers();
  let directory: string | null = null;
  let interruptedAt = 0;
  const onSignal = (): void => {
    if (interrupt.signal.aborted) {
      // One Ctrl-C can arrive more than once: from the terminal, and passed on by npm and by our own script.
      if (performance.now() - interruptedAt > repeatMs) leaveAtOnce(directory);
      return;
    }
    interruptedAt = performance.now();
    output.say('\nEnding the demo …');
    interrupt.abort(new SyncError('CANCELLED', 'The demo was ended.'));
  };
  // A terminal that is closed takes our outputs with it; what we made has to be removed all the same.
  for (const stream of [stdout, stderr]) stream.on('error', () => {});
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  let code = 0;
  try {
    const { parts, exit } = readArguments();
    directory = await mkdtemp(join(tmpdir(), 'multiboard-sync-demo-'));
    const { TYPESENSE_SERVER, PATH, HOME, TMPDIR, LANG, TZ, SystemRoot, XDG_CACHE_HOME } = env;
    const surroundings = { PATH, HOME, TMPDIR, LANG, TZ, SystemRoot };
    const cacheDirectory = join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'multiboard-sync');
    const typesense = { own: TYPESENSE_SERVER, searchPath: PATH, cacheDirectory };
    await runDemo(
      { releasers, output },
      { parts, exit, directory, surroundings, typesense },
      { signal: interrupt.signal },
    );
  } catch (error) {
    code = tell(error, interrupt.signal);
  }
  try {
    await releasers.release();
  } catch (error) {
    code = tell(error, interrupt.signal);
  }
  if (directory !== null) await rm(directory, { recursive: true, force: true });
  return code;
}

/** Says what went wrong; the exit code. Ctrl-C while the demo waits for it is its proper end. */
function tell(thrown: unknown, interrupt: AbortSignal): number {
  if (interrupt.aborted && thrown === interrupt.reason) return exitCodes.cancelled;
  const error = asSyncError(thrown);
  output.say(`\n${error.message}\n${error.hint} [${error.code}]`);
  if (error.code === 'INTERNAL' && thrown instanceof Error) output.say(thrown.stack ?? '');
  return exitCodes[error.category];
}

/** The second Ctrl-C: the children are killed by their `exit` handlers, which run before this one. */
function leaveAtOnce(directory: string | null): never {
  process.once('exit', () => {
    if (directory !== null)
      rmSync(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  });
  process.exit(exitCodes.cancelled);
}

function readArguments(): { readonly parts: number; readonly exit: boolean } {
  const usage = 'npm run demo [-- --parts N --exit]';
  try {
    const { values } = parseArgs({
      options: {
        parts: { type: 'string', default: `${partsDefault}` },
        exit: { type: 'boolean', default: false },
      },
    });
    const parts = Number(values.parts);
    if (!Number.isInteger(parts) || parts < partsMin || parts > partsMax) throw new RangeError('--parts');
    return { parts, exit: values.exit };
  } catch (error) {
    throw new SyncError(
      'USAGE_INVALID',
      `Usage: ${usage}; N is a whole number from ${partsMin} to ${partsMax}.`,
      {
        cause: error,
      },
    );
  }
}
