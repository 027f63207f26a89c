import type { Command } from 'commander';
import { createContext } from './context.ts';
import type { Context, GlobalOptions } from './context.ts';
import type { Io } from './io.ts';
import { writeFailure, writeOutcome } from './outcome.ts';
import type { Outcome } from './outcome.ts';

/** How a command ends: the process's exit code. */
type SetExitCode = (code: number) => void;

export interface CommandDeps {
  readonly io: Io;
  readonly setExitCode: SetExitCode;
}

/** Makes the action of a command: runs `work`, writes its outcome or its failure, and keeps the exit code. */
// A command says what options it declared: commander's are untyped.
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters
export function action<Options extends object>(
  { io, setExitCode }: CommandDeps,
  work: (context: Context, args: readonly string[], options: Options) => Promise<Outcome | null>,
): (this: Command) => Promise<void> {
  return async function run(this: Command) {
    const options = this.optsWithGlobals<Options & GlobalOptions>();
    try {
      const context = createContext(io, options);
      const args = this.processedArgs.flat().filter((arg): arg is string => typeof arg === 'string');
      const outcome = await work(context, args, options);
      setExitCode(outcome === null ? 0 : writeOutcome(context, outcome));
    } catch (error) {
      setExitCode(writeFailure({ io, options }, error));
    }
  };
}
