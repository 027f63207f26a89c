import { io } from 'socket.io-client';
import type { Socket } from 'socket.io-client';
import { Problem, serviceUrl } from '../api/client.ts';
import type { Told } from '../api/client.ts';
import type { News } from './news.ts';

const timeoutMs = 5_000;

type Item =
  | Exclude<News, { readonly type: 'lost' | 'refused' | 'open' }>
  | { readonly type: 'error'; readonly problem: Told };
type Listener = (item: Item | { readonly type: 'closed' }) => void;

/** One WebSocket for all that is followed: a browser opens six connections to a host for all its tabs together. */
export class SharedSocket {
  #opening: Promise<Socket | null> | null = null;
  readonly #listeners = new Map<string, Listener>();

  /**
   * Tells a job's news until the socket closes or the signal is aborted. Null where no WebSocket can be opened; throws
   * the `Problem` where the service refuses.
   */
  async follow(
    id: string,
    { pass, signal }: { readonly pass: string | null; readonly signal: AbortSignal },
  ): Promise<AsyncGenerator<News> | null> {
    let socket = await (this.#opening ??= this.#open(pass));
    // The last who followed something has left it meanwhile.
    if (socket !== null && !socket.connected) socket = await (this.#opening ??= this.#open(pass));
    return socket === null || signal.aborted ? null : this.#feed(socket, id, signal);
  }

  async #open(pass: string | null): Promise<Socket | null> {
    const socket = io(new URL(serviceUrl).origin, {
      path: `${new URL(serviceUrl).pathname}socket.io/`,
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
      timeout: timeoutMs,
      auth: { token: pass },
    });
    const closed = (): void => {
      this.#opening = null;
      socket.disconnect();
      for (const listener of this.#listeners.values()) listener({ type: 'closed' });
    };
    return new Promise((resolve, reject) => {
      const none = (): void => {
        closed();
        resolve(null);
      };
      socket.on('job', ({ id, ...item }: Item & { readonly id: string }) => {
        this.#listeners.get(id)?.(item);
      });
      socket.once('connect', () => {
        socket.once('disconnect', closed);
        resolve(socket);
      });
      // Closed before anything was said.
      socket.io.engine.once('close', none);
      socket.once('connect_error', (error: Error & { readonly data?: Told }) => {
        if (error.data?.code !== undefined) reject(new Problem(error.data));
        none();
      });
    });
  }

  async *#feed(socket: Socket, id: string, signal: AbortSignal): AsyncGenerator<News> {
    const waiting: (News | Item | { readonly type: 'closed' })[] = [];
    let wake = (): void => {};
    const put = (item: (typeof waiting)[number]): void => {
      waiting.push(item);
      wake();
    };
    const leave = (): void => {
      put({ type: 'closed' });
    };
    signal.addEventListener('abort', leave);
    this.#listeners.set(id, put);
    socket.emit('job:subscribe', { id }, (answer: { readonly ok: boolean; readonly problem?: Told }) => {
      put(answer.problem === undefined ? { type: 'open' } : { type: 'error', problem: answer.problem });
    });
    try {
      for (;;) {
        const item = waiting.shift();
        if (item === undefined)
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        else if (item.type === 'closed') return;
        else if (item.type === 'error') throw new Problem(item.problem);
        else yield item;
      }
    } finally {
      signal.removeEventListener('abort', leave);
      this.#listeners.delete(id);
      if (socket.connected) socket.emit('job:unsubscribe', { id });
      if (this.#listeners.size === 0) socket.disconnect();
    }
  }
}
