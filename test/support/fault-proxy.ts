import { EventEmitter, once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { atFileEnd } from './postgres.ts';

/** `up` is client to server, `down` server to client. */
type Direction = 'up' | 'down' | 'both';

export type Ending = 'FIN' | 'RST';

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  movedAt: number;
}

export interface FaultProxy {
  readonly port: number;
  /** Bytes that went through since the start. */
  readonly bytes: { readonly up: number; readonly down: number };
  /** The same address, through the proxy. */
  through(url: string): string;
  /** Every piece of data waits this long, in both directions. 0 ends it. */
  delay(ms: number): void;
  /** Each direction of each connection passes at most this much. `Infinity` ends it. */
  throttle(bytesPerSecond: number): void;
  /** Lets this many more bytes through, over all connections, and then resets every connection; once. */
  cutAfter(bytes: number, direction?: Direction): void;
  /** Connections stay open, and new ones are accepted, but nothing passes any more: a cable pulled out. */
  halfOpen(): void;
  /** The same from the moment on when a client sends this text, which does not reach the server. */
  stallAt(text: string): void;
  /**
   * Resets every connection when a client sends this text for the `count`th time, which does not reach the server;
   * once.
   */
  cutBefore(text: string, count?: number): void;
  /** Passes on what holds this text, and resets every connection instead of bringing the answer back; once. */
  loseAnswerTo(text: string): void;
  /** From now on a connection on which nothing moved for so long is closed: by FIN on both sides, or by RST. */
  closeIdle(ms: number, how: Ending): void;
  /** Closes the connection that reaches the server from this port of ours (`client_port` of `pg_stat_activity`). */
  close(serverSidePort: number, how: Ending): void;
  /** Resets every open connection (RST) and refuses new ones: a server that went away. */
  reset(): void;
  /** Ends every fault; what a half-open connection held back goes on its way. */
  heal(): void;
  stop(): Promise<void>;
}

const sliceBytes = 16 * 1024;

/**
 * A TCP proxy in this process, in front of `target` (a port of 127.0.0.1 or an address with a port). Stopped when the
 * file ends.
 */
export async function startFaultProxy(target: number | string): Promise<FaultProxy> {
  const targetPort = typeof target === 'number' ? target : Number(new URL(target).port);
  const proxy = new Proxy(targetPort);
  await proxy.listen();
  atFileEnd(() => proxy.stop());
  return proxy;
}

function end({ client, server }: Pair, how: Ending): void {
  for (const socket of [client, server]) {
    if (how === 'RST') socket.resetAndDestroy();
    else socket.end();
  }
}

class Proxy implements FaultProxy {
  readonly bytes = { up: 0, down: 0 };
  readonly #targetPort: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #healed = new EventEmitter().setMaxListeners(0);
  #delayMs = 0;
  #bytesPerSecond = Number.POSITIVE_INFINITY;
  #cut: { left: number; direction: Direction } | null = null;
  #wanted: { readonly text: string; readonly fault: 'stall' | 'cut' | 'lose'; left: number } | null = null;
  /** Clients whose next answer is to be lost. */
  readonly #losing = new WeakSet<Socket>();
  readonly #pairs = new Set<Pair>();
  #idle: NodeJS.Timeout | undefined;
  #stalled = false;
  #refusing = false;

  constructor(targetPort: number) {
    this.#targetPort = targetPort;
    this.#server = createServer({ allowHalfOpen: true }, (client) => this.#accept(client));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  through(url: string): string {
    const through = new URL(url);
    through.hostname = '127.0.0.1';
    through.port = `${this.port}`;
    return through.href;
  }

  delay(ms: number): void {
    this.#delayMs = ms;
  }

  throttle(bytesPerSecond: number): void {
    this.#bytesPerSecond = bytesPerSecond;
  }

  cutAfter(bytes: number, direction: Direction = 'both'): void {
    this.#cut = { left: bytes, direction };
  }

  halfOpen(): void {
    this.#stalled = true;
  }

  stallAt(text: string): void {
    this.#wanted = { text, fault: 'stall', left: 1 };
  }

  cutBefore(text: string, count = 1): void {
    this.#wanted = { text, fault: 'cut', left: count };
  }

  loseAnswerTo(text: string): void {
    this.#wanted = { text, fault: 'lose', left: 1 };
  }

  closeIdle(ms: number, how: Ending): void {
    clearInterval(this.#idle);
    this.#idle = setInterval(() => {
      for (const pair of this.#pairs) if (performance.now() - pair.movedAt > ms) end(pair, how);
    }, ms / 10);
  }

  close(serverSidePort: number, how: Ending): void {
    for (const pair of this.#pairs) if (pair.server.localPort === serverSidePort) end(pair, how);
  }

  reset(): void {
    this.#refusing = true;
    this.#resetAll();
  }

  heal(): void {
    this.#delayMs = 0;
    this.#bytesPerSecond = Number.POSITIVE_INFINITY;
    this.#cut = null;
    this.#wanted = null;
    this.#stalled = false;
    this.#refusing = false;
    clearInterval(this.#idle);
    this.#healed.emit('healed');
  }

  async stop(): Promise<void> {
    clearInterval(this.#idle);
    if (!this.#server.listening) return;
    this.#resetAll();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(client: Socket): void {
    if (this.#refusing) {
      client.resetAndDestroy();
      return;
    }
    const server = connect({ port: this.#targetPort, host: '127.0.0.1', allowHalfOpen: true });
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      // An error of one side is passed on as the end of the other.
      socket.on('error', () => {});
      socket.once('close', () => {
        this.#sockets.delete(socket);
        if (!this.#stalled && !other.writableEnded) other.resetAndDestroy();
      });
    }
    const pair: Pair = { client, server, movedAt: performance.now() };
    this.#pairs.add(pair);
    client.once('close', () => this.#pairs.delete(pair));
    void this.#forward(pair, 'up');
    void this.#forward(pair, 'down');
  }

  /** Passes one direction on, piece by piece, through whatever faults are on at that moment. */
  async #forward(pair: Pair, direction: 'up' | 'down'): Promise<void> {
    const [from, to] = direction === 'up' ? [pair.client, pair.server] : [pair.server, pair.client];
    try {
      for await (const chunk of from as AsyncIterable<Buffer>) {
        pair.movedAt = performance.now();
        if (!this.#mayPass(chunk, from, to, direction)) return;
        for (let at = 0; at < chunk.length; at += sliceBytes) {
          if (!(await this.#pass(chunk.subarray(at, at + sliceBytes), to, direction))) return;
        }
      }
      if (this.#stalled) await once(this.#healed, 'healed');
      to.end();
    } catch {
      // The sending side broke off: its 'close' has reset the other side.
    }
  }

  /** Looks for what a test waits for. False: the connections are reset. */
  #mayPass(chunk: Buffer, from: Socket, to: Socket, direction: 'up' | 'down'): boolean {
    if (direction === 'down' && this.#losing.has(to)) {
      this.#resetAll();
      return false;
    }
    if (direction === 'down' || this.#wanted === null || !chunk.includes(this.#wanted.text)) return true;
    this.#wanted.left -= 1;
    if (this.#wanted.left > 0) return true;
    const { fault } = this.#wanted;
    this.#wanted = null;
    if (fault === 'lose') this.#losing.add(from);
    if (fault === 'stall') this.#stalled = true;
    if (fault === 'cut') this.#resetAll();
    return fault !== 'cut';
  }

  async #pass(slice: Buffer, to: Socket, direction: 'up' | 'down'): Promise<boolean> {
    const waitMs = this.#delayMs + (slice.length / this.#bytesPerSecond) * 1000;
    if (waitMs > 0) await sleep(waitMs);
    if (this.#stalled) await once(this.#healed, 'healed');
    if (to.destroyed) return false;
    const cut = this.#cut;
    const counts = cut !== null && (cut.direction === 'both' || cut.direction === direction);
    const piece = counts ? slice.subarray(0, cut.left) : slice;
    this.bytes[direction] += piece.length;
    const drained = to.write(piece) || once(to, 'drain');
    if (counts) cut.left -= piece.length;
    if (counts && cut.left <= 0 && piece.length < slice.length) {
      this.#cut = null;
      // The allowed bytes go out first: a reset throws away what is still in the socket's buffer.
      await new Promise<void>((resolve) => to.write('', () => resolve()));
      this.#resetAll();
      return false;
    }
    await drained;
    return true;
  }

  #resetAll(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }
}
