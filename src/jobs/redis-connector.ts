import { lookup } from 'node:dns/promises';
import { createConnection, Socket } from 'node:net';
import { connect } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';
import { AbstractConnector } from 'ioredis';
import { connectTimeoutSecondsDefault, openSocket } from '../lib/network/open-socket.ts';

/** Of ioredis' options what says where to connect. */
interface RedisPlace {
  readonly path?: string | null;
  readonly host?: string | null;
  readonly port?: number | string | null;
  /** 0 for any. */
  readonly family?: number | string | null;
  readonly tls?: ConnectionOptions | true | undefined;
  /** For all addresses of the host together, and TLS. */
  readonly connectTimeout?: number | undefined;
  readonly disconnectTimeout?: number | undefined;
}

/**
 * How ioredis reaches its server: by `openSocket`. What it is given is connected, or destroyed with the reason in
 * `firstError`: then it tries again as after any loss. A rejection would be its end.
 */
export class RedisConnector extends AbstractConnector {
  readonly #place: RedisPlace;
  #wanted = new AbortController();

  constructor(options: unknown) {
    const place = options as RedisPlace;
    super(place.disconnectTimeout ?? 0);
    this.#place = place;
  }

  override async connect(): Promise<Socket> {
    this.connecting = true;
    this.#wanted = new AbortController();
    try {
      this.stream = await open(this.#place, this.#wanted.signal);
    } catch (error) {
      this.firstError = error as Error;
      this.stream = new Socket().destroy();
    }
    return this.stream;
  }

  override disconnect(): void {
    this.#wanted.abort(new Error('Connection is closed.'));
    super.disconnect();
  }
}

async function open(place: RedisPlace, signal: AbortSignal): Promise<Socket> {
  const { path, tls } = place;
  if (typeof path === 'string' && path !== '') return createConnection({ path });
  const host = place.host ?? 'localhost';
  const family = Number(place.family ?? 0);
  const timeoutMs = place.connectTimeout ?? connectTimeoutSecondsDefault * 1000;
  const endsAt = performance.now() + timeoutMs;
  const resolve = (name: string) => lookup(name, { all: true, family });
  const socket = await openSocket({ host, port: Number(place.port ?? 6379), timeoutMs, resolve }, { signal });
  if (tls === undefined) return socket;
  const options = { ...(tls === true ? {} : tls), host };
  return secured(socket, options, endsAt - performance.now(), signal);
}

function secured(
  socket: Socket,
  options: ConnectionOptions,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const stream = connect({ ...options, socket });
    const stop = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      stream.off('error', fail);
    };
    const fail = (error: Error): void => {
      stop();
      stream.on('error', () => {});
      stream.destroy();
      reject(error);
    };
    const onAbort = (): void => fail(signal.reason as Error);
    const late = Object.assign(new Error('The TLS handshake was not answered.'), { code: 'ETIMEDOUT' });
    const timer = setTimeout(() => fail(late), timeoutMs);
    signal.addEventListener('abort', onAbort, { once: true });
    stream.once('error', fail);
    stream.once('secureConnect', () => {
      stop();
      resolve(stream);
    });
  });
}
