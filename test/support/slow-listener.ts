import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { Worker } from 'node:worker_threads';

/**
 * Listens, and takes no connection while its thread stands still: with its queue full, the system drops what comes
 * (Linux repeats a SYN after a second). Then it passes everything on.
 */
const listener = `
const { createServer, connect } = require('node:net');
const { parentPort, workerData } = require('node:worker_threads');
const { host, port, target, stillMs } = workerData;
const server = createServer((client) => {
  const server = connect(target, '127.0.0.1');
  for (const [one, other] of [[client, server], [server, client]]) {
    one.on('error', () => other.destroy());
    one.on('close', () => other.destroy());
    one.pipe(other);
  }
});
server.listen({ host, port, backlog: 1 }, () => {
  parentPort.postMessage(server.address().port);
  // At once: its loop must not come round to take what fills the queue.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, stillMs);
});
`;
/** Backlog 1 holds two; the third waits outside. */
const dummies = 3;

export interface SlowListener extends AsyncDisposable {
  readonly port: number;
}

/** In front of a port of 127.0.0.1; answers no handshake before `stillMs` are over. */
export async function slowListener(input: {
  readonly host: string;
  readonly target: number;
  readonly stillMs: number;
}): Promise<SlowListener> {
  const worker = new Worker(listener, { eval: true, workerData: { ...input, port: 0 } });
  const [port] = (await once(worker, 'message')) as [number];
  const filling: Socket[] = [];
  for (let n = 0; n < dummies; n += 1) {
    const socket = connect({ host: input.host, port });
    socket.on('error', () => {});
    filling.push(socket);
    // The last one does not get in.
    if (n < dummies - 1) await once(socket, 'connect');
  }
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of filling) socket.destroy();
      await worker.terminate();
    },
  };
}
