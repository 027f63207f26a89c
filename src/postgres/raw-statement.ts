import type { Writable } from 'node:stream';
import type pg from 'pg';

/** What pg hands to a query that meets an unexpected COPY. */
interface CopyConnection {
  readonly stream: Writable;
  sendCopyFail(message: string): void;
}

const bind = message('B', Buffer.from([0, 0, 0, 0, 0, 0, 0, 0])); // unnamed portal and statement, no values
const execute = message('E', Buffer.from([0, 0, 0, 0, 0])); // unnamed portal, all rows
const sync = message('S', Buffer.alloc(0));
const noParameters = Buffer.from([0, 0]);

/** What goes before the text of a statement of so many bytes; its last byte ends the statement's empty name. */
export function parseHead(length: number): Buffer {
  const head = Buffer.alloc(6);
  head.write('P');
  head.writeInt32BE(4 + 1 + length + 1 + noParameters.length, 1);
  return head;
}

/** What goes behind the text: its zero byte, and everything up to the statement's end. */
export const parseTail: Buffer = Buffer.concat([Buffer.from([0]), noParameters, bind, execute, sync]);

/**
 * One statement given as bytes in the session's client_encoding, which pg's own queries (always UTF-8) cannot send.
 * Extended protocol: the server refuses a text that holds more than one statement. Rows are not kept.
 * `done` resolves to the command tag (`INSERT 0 1`); null for an empty statement.
 */
export class RawStatement {
  readonly done: Promise<string | null>;
  readonly #text: Uint8Array;
  #tag: string | null = null;
  #resolve: (tag: string | null) => void = () => {};
  #reject: (error: unknown) => void = () => {};

  /** `text` holds no zero byte: the message would end there. */
  constructor(text: Uint8Array) {
    this.#text = text;
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  submit({ stream }: pg.Connection): void {
    stream.cork();
    stream.write(parseHead(this.#text.length));
    stream.write(this.#text);
    stream.write(parseTail);
    stream.uncork();
  }

  handleRowDescription(): void {}

  handleDataRow(): void {}

  handlePortalSuspended(): void {}

  handleEmptyQuery(): void {}

  handleCopyData(): void {}

  handleCommandComplete({ text }: { readonly text: string }): void {
    this.#tag = text;
  }

  /** A COPY that nobody has rows for; a Sync sent before it is ignored by the server while it waits for rows. */
  handleCopyInResponse(connection: CopyConnection): void {
    connection.sendCopyFail('no rows were expected here');
    connection.stream.write(sync);
  }

  handleError(error: Error): void {
    this.#reject(error);
  }

  handleReadyForQuery(): void {
    this.#resolve(this.#tag);
  }
}

/** Sends a statement by the simple protocol, as bytes. */
export function submitBytes({ stream }: pg.Connection, text: Uint8Array): void {
  stream.write(message('Q', Buffer.concat([text, Buffer.from([0])])));
}

function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(4 + body.length, 1);
  return Buffer.concat([head, body]);
}
