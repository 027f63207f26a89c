import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { openSocket } from '../lib/network/open-socket.ts';

/** What pg 8.23 calls a Connection, as far as it is used here. */
interface Connection {
  stream: Socket;
  _connecting: boolean;
  _ending: boolean;
  attachListeners(stream: Duplex): void;
  connect(port: number | string, host?: string): void;
  emit(event: string, ...args: unknown[]): boolean;
}

/** So much earlier than pg itself do we end, to be the one who says why. */
const headStartMs = 500;

/**
 * The `stream` of a pg client or pool whose connections are opened by `openSocket`. pg takes a socket before it knows
 * the host (docs/facts/node.md#streams-of-pg), so it gets one that leads nowhere, and the right one when it connects.
 * `timeoutMs` is what pg is given as `connectionTimeoutMillis`. A Unix socket (a path) is left to pg.
 */
export function reachingStream(timeoutMs: number): () => Duplex {
  // pg calls it as a method of the new Connection.
  return function stream(this: unknown): Duplex {
    const connection = this as Connection;
    surviveStrangers(connection);
    const nowhere = new Socket();
    const connectAsEver = connection.connect.bind(connection);
    connection.connect = (port, host) => {
      if (host === undefined) {
        connectAsEver(port);
        return;
      }
      connection._connecting = true;
      const given = new AbortController();
      // pg ends what it will not wait for, or what it is asked to close, by ending the stream.
      Object.defineProperty(nowhere, 'writable', { value: false });
      nowhere.end = () => nowhere.destroy();
      nowhere.once('close', () => given.abort());
      const limitMs = timeoutMs - Math.min(headStartMs, timeoutMs / 10);
      openSocket({ host, port: Number(port), timeoutMs: limitMs }, { signal: given.signal }).then(
        (socket) => {
          connection.stream = alreadyOpen(socket);
          connectAsEver(port, host);
        },
        (error: unknown) => {
          if (!connection._ending) connection.emit('error', error);
          connection.emit('end');
        },
      );
    };
    return nowhere;
  };
}

/**
 * pg's parser throws, out of the socket's event, at a message that it does not know: at a server that asks for
 * Kerberos, or whatever else answers at the address. Nobody could catch that, and the whole process would end; so it
 * ends the connection.
 */
function surviveStrangers(connection: Connection): void {
  const attach = connection.attachListeners.bind(connection);
  connection.attachListeners = (stream) => {
    const before = stream.listeners('data');
    attach(stream);
    for (const parse of stream.listeners('data')) {
      if (before.includes(parse)) continue;
      const read = parse as (chunk: Buffer) => void;
      stream.off('data', read);
      stream.on('data', (chunk: Buffer) => {
        try {
          read(chunk);
        } catch (error) {
          connection.emit('error', error);
          stream.destroy();
        }
      });
    }
  };
}

/** pg opens its stream itself: this one only says that it is. */
function alreadyOpen(socket: Socket): Socket {
  socket.connect = () => {
    process.nextTick(() => {
      if (!socket.destroyed) socket.emit('connect');
    });
    return socket;
  };
  return socket;
}
