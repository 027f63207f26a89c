import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { SyncError } from '../errors/sync-error.ts';
import { inTime } from '../lib/in-time.ts';
import { createApp } from './app.ts';
import { createLimits } from './limits.ts';
import { attachLiveSockets } from './live-sockets.ts';
import { PassWatch } from './pass-watch.ts';
import type { HttpDeps } from './ports.ts';
import { isLoopback } from './same-machine.ts';

/** Open answers get so long to end after `stop()`. */
const closeTimeoutMs = 2_000;

export interface RunningHttp {
  /** `http://host:port`, as this machine reaches it. */
  readonly url: string;
  readonly port: number;
  /** Ends streams and sockets, lets other answers finish, closes the port. Safe to call twice. */
  stop(): Promise<void>;
}

/**
 * Opens the HTTP interface and socket.io on one port (0: any free one).
 * Throws CONFIG_INVALID for a port that cannot be opened.
 */
export async function startHttp(deps: HttpDeps, logger: Logger): Promise<RunningHttp> {
  const { host, port } = deps.config.http;
  const closing = new AbortController();
  const limits = createLimits({ perMinute: deps.config.http.requestsPerMinute, logger });
  const watch = new PassWatch();
  const options = { logger, limits, watch, closing: closing.signal };
  const server = createServer(createApp(deps, options));
  const sockets = attachLiveSockets(server, deps, options);
  server.listen({ host, port });
  try {
    await once(server, 'listening');
  } catch (error) {
    await sockets.close();
    watch.close();
    limits.close();
    const { code = 'unknown error' } = error as { readonly code?: string };
    throw new SyncError('CONFIG_INVALID', `The service cannot listen on ${host}:${port} (${code}).`, {
      hint: 'Choose another PORT or HOST, or stop the program that uses it.',
      cause: error,
    });
  }
  const { address, port: openPort } = server.address() as AddressInfo;
  let stopping: Promise<void> | null = null;
  return {
    url: `http://${urlHost(host, address)}:${openPort}`,
    port: openPort,
    stop: () =>
      (stopping ??= (async () => {
        closing.abort();
        const timer = setTimeout(() => {
          server.closeAllConnections();
        }, closeTimeoutMs);
        // What is left then is cut off.
        await inTime(sockets.settled(), closeTimeoutMs, () => {});
        // Closes the HTTP server too, which ends idle connections and waits for the others.
        await sockets.close();
        clearTimeout(timer);
        watch.close();
        limits.close();
      })()),
  };
}

/**
 * An address to listen on everywhere is reached through loopback. `localhost` is two addresses, and we listen on one of
 * them: the other may be anybody's.
 */
function urlHost(host: string, address: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  const reached = isLoopback(host) ? address : host;
  return reached.includes(':') ? `[${reached}]` : reached;
}
