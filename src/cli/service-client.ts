import type { IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { errorCatalogue } from '../errors/catalogue.ts';
import type { ErrorCode } from '../errors/catalogue.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { ErrorDetails, ErrorReport } from '../errors/sync-error.ts';
import { httpAgent } from '../lib/network/http-agent.ts';
import { networkWords } from '../lib/network/network-words.ts';
import { connectTimeoutSecondsDefault, UnreachableError } from '../lib/network/open-socket.ts';
import type { Secret } from '../lib/secret.ts';
import { openRequest, readText } from './http-request.ts';
import type { HttpRequest } from './http-request.ts';
import { readServerSentEvents } from './server-sent-events.ts';
import type { ServerSentEvent } from './server-sent-events.ts';

/** A running service, over its HTTP API. */
export interface ServiceClient {
  /** Without user and password. */
  readonly address: string;
  get(path: string, options?: CallOptions): Promise<unknown>;
  post(path: string, body: object, options?: CallOptions): Promise<unknown>;
  delete(path: string, options?: CallOptions): Promise<unknown>;
  /**
   * Events of a stream; connects again, with the last id, when the connection is lost. Ends when the server says so.
   */
  events(path: string, options?: CallOptions): AsyncGenerator<ServerSentEvent, void, void>;
}

interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** After a stream broke: tries this often, a second later each time; a connection that brought news starts over. */
const reconnectsMax = 5;
const reconnectPauseMs = 1_000;

/** Throws USAGE_INVALID for something that is no address. The key is never part of an error. */
export function serviceClient(
  server: string,
  apiKey: Secret | null,
  {
    connectTimeoutSeconds = connectTimeoutSecondsDefault,
  }: { readonly connectTimeoutSeconds?: number | undefined } = {},
): ServiceClient {
  return new HttpServiceClient(baseAddress(server), apiKey, connectTimeoutSeconds * 1000);
}

class HttpServiceClient implements ServiceClient {
  readonly #base: URL;
  readonly #apiKey: Secret | null;
  readonly #agent: ReturnType<typeof httpAgent>;

  constructor(base: URL, apiKey: Secret | null, connectTimeoutMs: number) {
    this.#base = base;
    this.#apiKey = apiKey;
    this.#agent = httpAgent(base.protocol, { connectTimeoutMs });
  }

  get address(): string {
    return this.#base.href;
  }

  get(path: string, options: CallOptions = {}): Promise<unknown> {
    return this.#call(path, this.#request('GET', options));
  }

  post(path: string, body: object, options: CallOptions = {}): Promise<unknown> {
    const request = this.#request('POST', options, { 'content-type': 'application/json' });
    return this.#call(path, { ...request, body: JSON.stringify(body) });
  }

  delete(path: string, options: CallOptions = {}): Promise<unknown> {
    return this.#call(path, this.#request('DELETE', options));
  }

  async *events(path: string, options: CallOptions = {}): AsyncGenerator<ServerSentEvent, void, void> {
    let lastId: string | null = null;
    let failures = 0;
    for (;;) {
      try {
        const answer = await this.#openEvents(path, lastId, options);
        if (answer.statusCode === 204) {
          answer.resume();
          return;
        }
        for await (const event of readServerSentEvents(answer)) {
          failures = 0;
          lastId = event.id ?? lastId;
          yield event;
          if (event.type === 'end') return;
        }
        throw new SyncError(
          'CONFIG_SERVICE_UNREACHABLE',
          `The service at ${this.address} closed the stream.`,
        );
      } catch (error) {
        if (options.signal?.aborted === true) throw options.signal.reason as Error;
        // An answer of the service is final; a broken connection is tried again.
        if (error instanceof SyncError && error.code !== 'CONFIG_SERVICE_UNREACHABLE') throw error;
        failures += 1;
        if (failures > reconnectsMax) throw error;
        await delay(reconnectPauseMs * failures, undefined, { signal: options.signal });
      }
    }
  }

  #openEvents(path: string, lastId: string | null, options: CallOptions): Promise<IncomingMessage> {
    const headers = {
      accept: 'text/event-stream',
      ...(lastId === null ? {} : { 'last-event-id': lastId }),
    };
    return this.#send(path, this.#request('GET', options, headers));
  }

  async #call(path: string, request: HttpRequest): Promise<unknown> {
    const answer = await this.#send(path, request);
    const text = await this.#reached(request, () => readText(answer));
    if (answer.statusCode === 204) return null;
    try {
      return JSON.parse(text) as unknown;
    } catch {
      throw notOurs(answer.statusCode ?? 0, this.address);
    }
  }

  async #send(path: string, request: HttpRequest): Promise<IncomingMessage> {
    const url = new URL(path.replace(/^\//, ''), this.#base);
    const answer = await this.#reached(request, () => openRequest(this.#agent, url, request));
    const status = answer.statusCode ?? 0;
    if (status >= 200 && status < 300) return answer;
    throw problemError(await this.#reached(request, () => readText(answer)), status, this.address);
  }

  async #reached<T>(request: HttpRequest, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (request.signal?.aborted === true) throw request.signal.reason as Error;
      throw new SyncError(
        'CONFIG_SERVICE_UNREACHABLE',
        `The service at ${this.address} cannot be reached: ${networkFact(error)}.`,
        { cause: error },
      );
    }
  }

  #request(
    method: string,
    { signal }: CallOptions,
    headers: Readonly<Record<string, string>> = {},
  ): HttpRequest {
    const authorization = this.#apiKey === null ? {} : { authorization: `Bearer ${this.#apiKey.reveal()}` };
    return { method, headers: { ...headers, ...authorization }, body: undefined, signal };
  }
}

function baseAddress(server: string): URL {
  const url = URL.canParse(server) ? new URL(server) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new SyncError('USAGE_INVALID', '--server must be an address like http://127.0.0.1:3000.');
  }
  if (url.username !== '' || url.password !== '') {
    throw new SyncError('USAGE_INVALID', '--server must not hold a password; the key is read from API_KEY.');
  }
  url.search = '';
  url.hash = '';
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url;
}

function networkFact(error: unknown): string {
  if (error instanceof UnreachableError) return error.message;
  const { code } = error as { readonly code?: unknown };
  if (typeof code !== 'string') return 'no answer';
  return networkWords[code] === undefined ? code : `${networkWords[code]} (${code})`;
}

/** The problem document (RFC 9457) of an answer as the error it stands for. */
function problemError(text: string, status: number, address: string): SyncError {
  let problem: {
    readonly code?: unknown;
    readonly detail?: unknown;
    readonly hint?: unknown;
    readonly details?: unknown;
  };
  try {
    problem = (JSON.parse(text) ?? {}) as typeof problem;
  } catch {
    problem = {};
  }
  if (typeof problem.code === 'string' && typeof problem.detail === 'string') {
    return reportedError({
      code: problem.code,
      message: problem.detail,
      hint: typeof problem.hint === 'string' ? problem.hint : '',
      details: (problem.details ?? {}) as ErrorDetails,
    });
  }
  return notOurs(status, address);
}

function notOurs(status: number, address: string): SyncError {
  return new SyncError(
    'CONFIG_SERVICE_UNREACHABLE',
    `${address} answered ${status}, which is not an answer of this service.`,
  );
}

/** An error that a service reported, as one of ours; a code only a newer service knows is told in the message. */
export function reportedError(
  report: Pick<ErrorReport, 'message' | 'hint' | 'details'> & { readonly code: string },
): SyncError {
  const { code, message, details } = report;
  const hint = report.hint === '' ? undefined : report.hint;
  if (Object.hasOwn(errorCatalogue, code))
    return new SyncError(code as ErrorCode, message, { details, hint });
  return new SyncError('INTERNAL', `${message} (${code})`, { details, hint });
}
