#!/usr/bin/env node
import './heap.ts';
import { flush } from './io.ts';
import type { Io } from './io.ts';
import { runCommandLine } from './program.ts';

const io: Io = {
  env: process.env,
  cwd: process.cwd(),
  argv: process.argv.slice(2),
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  now: () => Date.now(),
  exit: (code) => process.exit(code),
  onInterrupt: (listener) => {
    process.on('SIGINT', listener);
    process.on('SIGTERM', listener);
    return () => {
      process.off('SIGINT', listener);
      process.off('SIGTERM', listener);
    };
  },
};

async function main(): Promise<void> {
  const exitCode = await runCommandLine(io);
  await Promise.all([flush(io.stdout), flush(io.stderr)]);
  process.exit(exitCode);
}

// Not awaited at the top level: the chunks of the bundle that load later import from this one, and would wait for it.
void main();
