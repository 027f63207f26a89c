import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { StepId } from '../../src/progress/progress.ts';
import { runCli } from '../cli/run-cli.ts';
import type { CliOptions, CliRun } from '../cli/run-cli.ts';
import type { Bench } from './environment-pair.ts';

/** Where the program is struck; see die.mjs. */
export interface Fault {
  readonly step?: StepId;
  readonly sends?: string;
  readonly afterMs?: number;
  readonly before?: boolean;
  readonly count?: number;
  readonly signal?: NodeJS.Signals;
}

/** What a program is started with for the fault to strike it. */
export function struckBy(fault: Fault | undefined): Readonly<Record<string, string>> {
  if (fault === undefined) return {};
  const die = pathToFileURL(join(import.meta.dirname, 'die.mjs')).href;
  return { NODE_OPTIONS: `--import=${die}`, FAULT: JSON.stringify(fault) };
}

/** Runs the built command line on a bench, struck by a fault if one is given. */
export function command(
  { directory, env }: Pick<Bench, 'directory' | 'env'>,
  argv: readonly string[],
  { fault, ...options }: Partial<CliOptions> & { readonly fault?: Fault } = {},
): Promise<CliRun> {
  return runCli([...argv, '--json'], {
    cwd: directory,
    ...options,
    env: { ...env, ...options.env, ...struckBy(fault) },
  });
}

/** The id of a job that a run said before it ended or was ended. */
export function jobOf({ events, result }: CliRun): string {
  const progress = [...events, result].find(({ type }) => type === 'progress')?.['progress'];
  return String((progress as Record<string, unknown>)['jobId']);
}

export const syncArguments = (mode: string): readonly string[] => [
  'sync',
  'src',
  'dst',
  '--confirm',
  'dst',
  '--mode',
  mode,
];
