import { createInterface } from 'node:readline';
import type { Interface } from 'node:readline';
import { Writable } from 'node:stream';
import { SyncError } from '../errors/sync-error.ts';
import type { Io } from './io.ts';

type Terminal = Pick<Io, 'stdin' | 'stderr'>;

/** Whether somebody is there who can be asked. */
export function canAsk({ stdin, stderr }: Terminal): boolean {
  return stdin.isTTY === true && stderr.isTTY === true;
}

/**
 * Questions on the terminal, on stderr: stdout is for data. Lines that were typed or pasted before they are asked for
 * wait. Close it when all is asked, or nothing else hears what is typed.
 */
export class Questions {
  readonly #lines: string[] = [];
  readonly #reader: Interface;
  readonly #stderr: Terminal['stderr'];
  #wake: (() => void) | null = null;
  #closed = false;
  /** What is typed is shown only while it answers a question that may be seen answered. */
  #hidden = true;

  constructor({ stdin, stderr }: Terminal) {
    this.#stderr = stderr;
    const output = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        if (!this.#hidden) stderr.write(chunk);
        done();
      },
    });
    this.#reader = createInterface({ input: stdin, output, terminal: true });
    this.#reader.on('line', (line) => {
      this.#hidden = true;
      this.#lines.push(line);
      this.#wake?.();
    });
    // Ctrl-D closes it as well.
    this.#reader.on('SIGINT', () => this.#reader.close());
    this.#reader.on('close', () => {
      this.#closed = true;
      this.#wake?.();
    });
  }

  /**
   * One line, without the spaces around it. `hidden`: what is typed is not shown. Ctrl-C and Ctrl-D end the command:
   * CANCELLED.
   */
  async ask(question: string, { hidden = false }: { readonly hidden?: boolean } = {}): Promise<string> {
    this.#hidden = hidden || this.#closed;
    if (this.#hidden) this.#stderr.write(question);
    else {
      this.#reader.setPrompt(question);
      this.#reader.prompt();
    }
    if (this.#lines.length === 0 && !this.#closed)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    this.#wake = null;
    this.#hidden = true;
    const line = this.#lines.shift();
    if (hidden || line === undefined) this.#stderr.write('\n');
    if (line !== undefined) return line.trim();
    throw new SyncError('CANCELLED', 'Nothing was started.', { hint: 'Start it again when you want.' });
  }

  close(): void {
    this.#reader.close();
  }
}

/** One question. */
export async function prompt(terminal: Terminal, question: string): Promise<string> {
  const questions = new Questions(terminal);
  try {
    return await questions.ask(question);
  } finally {
    questions.close();
  }
}
