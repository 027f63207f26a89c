import http from 'node:http';
import https from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { SearchCluster } from '../environments/environment.ts';
import { SyncError } from '../errors/sync-error.ts';
import { httpAgent } from '../lib/network/http-agent.ts';
import { connectTimeoutSecondsDefault, UnreachableError } from '../lib/network/open-socket.ts';
import type { Secret } from '../lib/secret.ts';

/** Below the server's keep-alive of 60 s, so that a socket is never reused while the server closes it. */
const freeSocketMs = 30_000;
const socketsMax = 8;
/** Uploads go out in slices: each one taken by the socket is progress for the watchdog. */
const sliceBytes = 64 * 1024;
/** No answer we ask for in one piece is larger; a longer one is a fault, not something to hold. */
const answerBytesMax = 64 * 1024 * 1024;

export interface WireRequest {
  readonly method: string;
  /** Below the node's address, with its query: `/collections/x/documents/import?action=create`. */
  readonly path: string;
  readonly body?: Buffer | string | undefined;
  readonly watchdogMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface WireAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

/** An answer read piece by piece. Reading to the end, or `return()`, frees the connection. */
export interface WireStream {
  readonly status: number;
  readonly chunks: AsyncIterableIterator<Buffer>;
}

/**
 * Requests to one node over a few kept connections. The only place that knows the API key. Every request has a
 * watchdog: when no byte moves for `watchdogMs` the connection is destroyed, because the official client waits for
 * ever on an import (docs/facts/typesense.md#the-node-client). Errors: SEARCH_UNAVAILABLE (nothing else can be said
 * without an answer); the signal's reason on abort. An answer of any status is returned, not thrown.
 */
export class Transport {
  readonly node: string;
  readonly #base: URL;
  readonly #prefix: string;
  readonly #apiKey: Secret;
  readonly #connectTimeoutMs: number;
  readonly #agent: http.Agent;

  constructor(node: string, { apiKey, connectTimeoutSeconds }: Omit<SearchCluster, 'nodes'>) {
    this.node = node;
    this.#base = new URL(node);
    this.#prefix = this.#base.pathname.replace(/\/+$/, '');
    this.#apiKey = apiKey;
    this.#connectTimeoutMs = (connectTimeoutSeconds ?? connectTimeoutSecondsDefault) * 1000;
    this.#agent = httpAgent(this.#base.protocol, {
      keepAlive: true,
      maxSockets: socketsMax,
      timeout: freeSocketMs,
      connectTimeoutMs: this.#connectTimeoutMs,
    });
  }

  async send(request: WireRequest): Promise<WireAnswer> {
    const { status, contentType, chunks } = await this.#open(request);
    const parts: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > answerBytesMax) throw this.#unavailable(request, 'the answer is far too long');
      parts.push(chunk);
    }
    return { status, contentType, text: Buffer.concat(parts).toString('utf8') };
  }

  async stream(request: WireRequest): Promise<WireStream> {
    return this.#open(request);
  }

  close(): void {
    this.#agent.destroy();
  }

  async #open(request: WireRequest): Promise<WireStream & { readonly contentType: string }> {
    const { signal, watchdogMs } = request;
    signal?.throwIfAborted();
    const { protocol, hostname, port } = this.#base;
    const body = typeof request.body === 'string' ? Buffer.from(request.body, 'utf8') : request.body;
    const outgoing = (protocol === 'https:' ? https : http).request({
      agent: this.#agent,
      hostname: hostname.replace(/^\[|\]$/g, ''),
      port: port === '' ? undefined : Number(port),
      method: request.method,
      path: `${this.#prefix}${request.path}`,
      headers: {
        'x-typesense-api-key': this.#apiKey.reveal(),
        ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': body.length }),
      },
    });
    let stalled = false;
    const onSilence = (): void => {
      stalled = true;
      outgoing.destroy();
    };
    // Reaching the host has a limit of its own, and says more when it is over.
    const watchdog = startWatchdog(onSilence, watchdogMs, this.#connectTimeoutMs);
    let giveUp = (): void => {};
    const onAbort = (): void => {
      outgoing.destroy();
      // Without a socket nothing else says so yet.
      giveUp();
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    const settle = (): void => {
      watchdog.stop();
      signal?.removeEventListener('abort', onAbort);
    };
    const failure = (error: unknown): unknown => {
      settle();
      outgoing.destroy();
      if (signal?.aborted === true) return signal.reason;
      return this.#unavailable(
        request,
        stalled ? 'nothing moved on the connection for too long' : networkFact(error),
      );
    };
    try {
      const answered = new Promise<IncomingMessage>((resolve, reject) => {
        outgoing.once('response', resolve);
        // Stays for the whole request: a socket error after the answer began reaches the answer's reader instead.
        outgoing.on('error', reject);
        giveUp = () => reject(new Error('aborted'));
      });
      answered.catch(() => {});
      outgoing.on('socket', () => watchdog.refresh());
      await Promise.race([answered, upload(outgoing, body ?? Buffer.alloc(0), watchdog)]);
      const incoming = await answered;
      watchdog.refresh();
      return {
        status: incoming.statusCode ?? 0,
        contentType: incoming.headers['content-type'] ?? '',
        chunks: readAnswer(incoming, watchdog, settle, failure),
      };
    } catch (error) {
      throw failure(error);
    }
  }

  #unavailable(request: WireRequest, fact: string): SyncError {
    const path = request.path.replace(/\?.*$/s, '');
    return new SyncError(
      'SEARCH_UNAVAILABLE',
      `Typesense at ${this.node}, ${request.method} ${path}: ${fact}.`,
    );
  }
}

interface Watchdog {
  /** Something moved. */
  refresh(): void;
  stop(): void;
}

/**
 * Barks after `ms` without a move; before the first one, which is the connection, after `headStartMs` more. A process
 * that had no time for its sockets is no silence: what has arrived by then is read first.
 */
function startWatchdog(bark: () => void, ms: number, headStartMs: number): Watchdog {
  let moves = 0;
  let stopped = false;
  const listen = (): void => {
    const heard = moves;
    // Timers come before sockets, this after them.
    setImmediate(() => {
      if (!stopped && moves === heard) bark();
    });
  };
  let timer = setTimeout(listen, headStartMs + ms);
  return {
    refresh: () => {
      if (stopped) return;
      moves += 1;
      if (moves > 1) {
        timer.refresh();
        return;
      }
      clearTimeout(timer);
      timer = setTimeout(listen, ms);
    },
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

async function upload(outgoing: http.ClientRequest, body: Buffer, watchdog: Watchdog): Promise<void> {
  for (let offset = 0; offset < body.length; offset += sliceBytes) {
    await new Promise<void>((resolve, reject) => {
      outgoing.write(body.subarray(offset, offset + sliceBytes), (error) => {
        if (error === null || error === undefined) resolve();
        else reject(error);
      });
    });
    watchdog.refresh();
  }
  await new Promise<void>((resolve) => {
    outgoing.end(resolve);
  });
  watchdog.refresh();
}

async function* readAnswer(
  incoming: IncomingMessage,
  watchdog: Watchdog,
  settle: () => void,
  failure: (error: unknown) => unknown,
): AsyncGenerator<Buffer, void, undefined> {
  let ended = false;
  try {
    for await (const chunk of incoming) {
      watchdog.refresh();
      yield chunk as Buffer;
    }
    // An answer cut short must never pass for a whole one.
    if (!incoming.complete) throw new Error('aborted');
    ended = true;
  } catch (error) {
    throw failure(error);
  } finally {
    settle();
    if (!ended) incoming.destroy();
  }
}

/** The kind of a network error in words; its own text may repeat addresses, never more. */
function networkFact(error: unknown): string {
  if (error instanceof UnreachableError) return error.message;
  const { code, message } = error as { code?: string; message?: string };
  if (code?.startsWith('ERR_TLS') === true || /certificate|SSL|TLS/i.test(`${code ?? ''} ${message ?? ''}`)) {
    return `the TLS connection failed (${code ?? 'no code'})`;
  }
  return `the connection was cut${code === undefined ? '' : ` (${code})`}`;
}
