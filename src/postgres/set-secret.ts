import type { Socket } from 'node:net';
import type pg from 'pg';

/** pg_catalog.set_config(text, text, boolean), the same in every server (pg_proc.dat). */
const setConfigOid = 2078;
const functionCallResponse = 0x56;
const readyForQuery = 0x5a;
const errorResponse = 0x45;
const headerBytes = 5;

type Listener = (chunk: Buffer) => void;

/**
 * Gives a session a setting whose value nobody else is to see. By the protocol's FunctionCall: a server that logs
 * statements, their parameters or their durations writes the function's name alone (`fastpath function call:
 * "set_config"`), and pg_stat_activity shows no text at all; of a statement with parameters it would log the value
 * (log_parameter_max_length). Rejects with the server's error, which holds no value.
 */
export function setSecret(client: pg.ClientBase, name: string, value: string): Promise<void> {
  return new Promise((resolve, reject) => {
    client.query(new SecretSetting(name, value, resolve, reject));
  });
}

class SecretSetting {
  readonly #name: string;
  readonly #value: string;
  readonly #resolve: () => void;
  readonly #reject: (error: Error) => void;
  #socket: Socket | null = null;
  #pgListener: Listener = () => {};
  #pending: Buffer = Buffer.alloc(0);

  constructor(name: string, value: string, resolve: () => void, reject: (error: Error) => void) {
    this.#name = name;
    this.#value = value;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  submit(connection: pg.Connection): void {
    const { stream } = connection as unknown as { readonly stream: Socket };
    const [listener, ...others] = stream.listeners('data') as Listener[];
    if (listener === undefined || others.length > 0)
      throw new Error('pg listens to its socket in another way');
    this.#pgListener = listener;
    this.#socket = stream;
    stream.off('data', listener);
    stream.on('data', this.#onData);
    stream.write(functionCall([this.#name, this.#value, 'false']));
  }

  /** pg does not know the answer to a function call: it is taken out, and everything else goes to pg. */
  readonly #onData = (chunk: Buffer): void => {
    this.#pending = Buffer.concat([this.#pending, chunk]);
    let at = 0;
    const passed: Buffer[] = [];
    let over = false;
    while (!over && this.#pending.length >= at + headerBytes) {
      const code = this.#pending[at] ?? 0;
      const end = at + 1 + this.#pending.readInt32BE(at + 1);
      if (this.#pending.length < end) break;
      if (code !== functionCallResponse) passed.push(this.#pending.subarray(at, end));
      over = code === readyForQuery || code === errorResponse;
      at = end;
    }
    this.#pending = this.#pending.subarray(at);
    if (over) {
      passed.push(this.#pending);
      this.#socket?.off('data', this.#onData);
      this.#socket?.on('data', this.#pgListener);
    }
    const bytes = Buffer.concat(passed);
    if (bytes.length > 0) this.#pgListener(bytes);
  };

  handleError(error: Error): void {
    this.#reject(error);
  }

  handleReadyForQuery(): void {
    this.#resolve();
  }
}

/** Arguments and answer as text (PostgreSQL manual, "Message Formats"). */
function functionCall(args: readonly string[]): Buffer {
  const parts = args.map((text) => {
    const bytes = Buffer.from(text);
    const length = Buffer.alloc(4);
    length.writeInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  });
  const head = Buffer.alloc(5 + 4 + 2 + 2);
  head.write('F');
  head.writeInt32BE(setConfigOid, 5);
  head.writeInt16BE(0, 9);
  head.writeInt16BE(args.length, 11);
  const message = Buffer.concat([head, ...parts, Buffer.alloc(2)]);
  message.writeInt32BE(message.length - 1, 1);
  return message;
}
