import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough, Writable } from 'node:stream';
import type { Io } from '../../src/cli/io.ts';
import { runCommandLine } from '../../src/cli/program.ts';

/** The command line in this process, with a terminal that types where `typed` is given. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Of `--json`. */
  readonly result: Record<string, unknown>;
}

class Sink extends Writable {
  text = '';
  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

export interface CommandLine {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env?: Record<string, string>;
  readonly interrupts?: (interrupt: () => void) => void;
  readonly typed?: string | null;
}

export async function runInProcess({
  argv,
  cwd,
  env = {},
  interrupts = () => {},
  typed = null,
}: CommandLine): Promise<Ran> {
  const stdout = new Sink();
  const terminal = { isTTY: typed !== null };
  const stderr = Object.assign(new Sink(), terminal);
  const stdin = Object.assign(new PassThrough(), terminal);
  if (typed !== null) stdin.write(typed);
  const io: Io = {
    env,
    cwd,
    argv,
    stdout,
    stderr,
    stdin,
    now: () => Date.now(),
    exit: (code) => {
      throw new Error(`exit ${code}`);
    },
    onInterrupt: (listener) => {
      interrupts(listener);
      return () => {};
    },
  };
  const code = await runCommandLine(io);
  const lastLine = stdout.text.trimEnd().split('\n').at(-1) ?? '';
  return {
    code,
    stdout: stdout.text,
    stderr: stderr.text,
    result: lastLine.startsWith('{') ? (JSON.parse(lastLine) as Record<string, unknown>) : {},
  };
}

/** A service that answers as `handle` says, until `closers` are called. */
export async function answeringService(
  handle: (request: IncomingMessage, response: ServerResponse, body: string) => void,
  closers: (() => Promise<void>)[],
): Promise<string> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      handle(request, response, body);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => {
      server.close(resolve);
    });
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
