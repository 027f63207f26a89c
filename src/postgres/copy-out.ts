import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import type { Connection, Submittable } from 'pg';
import { CopyFrames, errorResponse } from './copy-frames.ts';

type Listener = (chunk: Buffer) => void;

/**
 * `COPY … TO STDOUT` as a query of pg: a stream of the rows' text, cut anywhere. While the rows come it reads the
 * socket in place of pg, which would make objects of each row; everything else goes to pg. Back-pressure: the socket
 * is paused while nobody reads. Memory: two chunks off the socket.
 */
export class CopyOut extends Readable implements Submittable {
  /** As the server counted; known when the statement is complete. */
  rowCount = 0;
  readonly #text: string;
  readonly #frames = new CopyFrames();
  #socket: Socket | null = null;
  #pgListener: Listener = () => {};

  constructor(text: string) {
    super();
    this.#text = text;
  }

  /** Called by pg when it is this statement's turn. */
  submit(connection: Connection): void {
    const { stream, query } = connection as unknown as {
      readonly stream: Socket;
      readonly query: (text: string) => void;
    };
    const [listener, ...others] = stream.listeners('data') as Listener[];
    if (listener === undefined || others.length > 0)
      throw new Error('pg listens to its socket in another way');
    this.#pgListener = listener;
    this.#socket = stream;
    stream.off('data', listener);
    stream.on('data', this.#onData);
    query.call(connection, this.#text);
  }

  override _read(): void {
    this.#socket?.resume();
  }

  readonly #onData = (chunk: Buffer): void => {
    const { data, rest } = this.#frames.take(chunk);
    if (data.length > 0 && !this.push(data)) this.#socket?.pause();
    if (rest === null) return;
    this.#giveBack(rest);
    if (rest[0] !== errorResponse) this.push(null);
  };

  #giveBack(rest: Buffer): void {
    const socket = this.#socket;
    this.#socket = null;
    socket?.off('data', this.#onData);
    socket?.on('data', this.#pgListener);
    this.#pgListener(rest);
    socket?.resume();
  }

  /** The server's error, or that the connection is gone. */
  handleError(error: Error): void {
    this.destroy(error);
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    this.rowCount = Number(/^COPY (\d+)$/.exec(text)?.[1] ?? 0);
  }

  handleReadyForQuery(): void {}
}
