import http from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import { openSocket } from './open-socket.ts';

type Created = (error: Error | null, stream: Duplex) => void;

export interface HttpAgentOptions extends http.AgentOptions {
  /** For all addresses of the host together. */
  readonly connectTimeoutMs: number;
}

/**
 * An agent for requests of node:http(s) that reaches its host by `openSocket`. `destroy()` ends what is on its way,
 * too.
 */
export function httpAgent(protocol: string, options: HttpAgentOptions): http.Agent {
  return protocol === 'https:' ? new ReachingHttpsAgent(options) : new ReachingHttpAgent(options);
}

class ReachingHttpAgent extends http.Agent {
  readonly #reach: Reach;

  constructor({ connectTimeoutMs, ...options }: HttpAgentOptions) {
    super(options);
    this.#reach = new Reach(connectTimeoutMs);
  }

  override createConnection(options: http.ClientRequestArgs, created?: Created): undefined {
    this.#reach.connect(options, created, (socket) => socket);
  }

  override destroy(): void {
    this.#reach.end();
    super.destroy();
  }
}

class ReachingHttpsAgent extends https.Agent {
  readonly #reach: Reach;

  constructor({ connectTimeoutMs, ...options }: HttpAgentOptions) {
    super(options);
    this.#reach = new Reach(connectTimeoutMs);
  }

  override createConnection(options: https.RequestOptions, created?: Created): undefined {
    // Node's own, over a socket that is open: it sees to sessions and names.
    this.#reach.connect(
      options,
      created,
      (socket) => super.createConnection({ ...options, socket } as https.RequestOptions) as Duplex,
    );
  }

  override destroy(): void {
    this.#reach.end();
    super.destroy();
  }
}

/** Node takes a connection by the callback where none is returned. */
class Reach {
  readonly #timeoutMs: number;
  readonly #ended = new AbortController();

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  connect(
    { host, hostname, port, defaultPort }: http.ClientRequestArgs,
    created: Created | undefined,
    wrap: (socket: Duplex) => Duplex,
  ): void {
    const input = {
      host: host ?? hostname ?? 'localhost',
      port: Number(port ?? defaultPort),
      timeoutMs: this.#timeoutMs,
    };
    openSocket(input, { signal: this.#ended.signal }).then(
      (socket) => created?.(null, wrap(socket)),
      (error: unknown) => created?.(error as Error, undefined as unknown as Duplex),
    );
  }

  end(): void {
    this.#ended.abort(new Error('The agent was closed.'));
  }
}
