import { lookup } from 'node:dns/promises';
import { isIP, Socket } from 'node:net';
import { unlessAborted } from '../unless-aborted.ts';
import { openingWords } from './network-words.ts';

/** How long all addresses of a host together may take, where nothing else is said. */
export const connectTimeoutSecondsDefault = 10;
/** An address that has not answered by then gets company, and goes on (RFC 8305, section 5: 250 ms). */
const nextAfterMs = 250;

export interface Address {
  readonly address: string;
  /** 4 or 6. */
  readonly family: number;
}

export interface Attempt {
  /** `192.0.2.1:5432`, `[::1]:5432`. */
  readonly where: string;
  /** Node's or the system's code: `ECONNREFUSED`, `ETIMEDOUT` … */
  readonly code: string;
}

/** No address of a host could be reached. `code` is that of the first one, or of the look-up of the name. */
export class UnreachableError extends Error {
  readonly code: string;
  readonly attempts: readonly Attempt[];

  constructor(host: string, code: string, attempts: readonly Attempt[]) {
    super(factOf(host, code, attempts));
    this.name = 'UnreachableError';
    this.code = code;
    this.attempts = attempts;
  }
}

/** Each address with its reason; the address is left out where it is what was asked for. */
function factOf(host: string, code: string, attempts: readonly Attempt[]): string {
  const words = (one: string): string =>
    openingWords[one] === undefined ? one : `${openingWords[one]} (${one})`;
  if (attempts.length === 0 || (attempts.length === 1 && isIP(host) !== 0)) return words(code);
  return attempts.map((attempt) => `${attempt.where}: ${words(attempt.code)}`).join('; ');
}

export interface OpenSocketInput {
  readonly host: string;
  readonly port: number;
  /** For the look-up of the name and all addresses together. */
  readonly timeoutMs: number;
  /** Instead of the system's look-up. */
  readonly resolve?: ((host: string) => Promise<readonly Address[]>) | undefined;
}

/**
 * Opens a TCP connection to the first address of a host that answers. Node's own connections forget an address that
 * has not answered after a quarter of a second (docs/facts/node.md#connections-to-a-host-with-several-addresses).
 * Here the next address is tried after that time too, but none is given up before `timeoutMs` is over. Families take
 * turns, in the order of the look-up.
 *
 * Errors: UnreachableError; the signal's reason. The caller listens to the socket's errors at once.
 */
export async function openSocket(
  { host, port, timeoutMs, resolve = (name) => lookup(name, { all: true }) }: OpenSocketInput,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<Socket> {
  signal?.throwIfAborted();
  const time = new AbortController();
  const timer = setTimeout(() => time.abort(), timeoutMs);
  const ended = AbortSignal.any([time.signal, ...(signal === undefined ? [] : [signal])]);
  try {
    const family = isIP(host);
    const addresses =
      family === 0 ? await beforeEnd(host, resolve(host), ended) : [{ address: host, family }];
    const race = await firstToAnswer(takingTurns(addresses), port, ended);
    if (race instanceof Socket) return race;
    throw new UnreachableError(host, race[0]?.code ?? 'ENOTFOUND', race);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function beforeEnd<T>(host: string, found: Promise<T>, ended: AbortSignal): Promise<T> {
  try {
    return await unlessAborted(found, ended, () => {
      throw new UnreachableError(host, 'EAI_AGAIN', []);
    });
  } catch (error) {
    if (error instanceof UnreachableError) throw error;
    throw new UnreachableError(host, codeOf(error), []);
  }
}

/** The socket of the first address that answers, or what each said. */
function firstToAnswer(
  addresses: readonly Address[],
  port: number,
  ended: AbortSignal,
): Promise<Socket | readonly Attempt[]> {
  return new Promise((resolve) => {
    const sockets: Socket[] = [];
    const codes: (string | null)[] = addresses.map(() => null);
    let next: NodeJS.Timeout | undefined;
    const finish = (outcome: Socket | readonly Attempt[]): void => {
      clearTimeout(next);
      ended.removeEventListener('abort', onEnd);
      for (const socket of sockets) {
        if (socket === outcome) continue;
        // What a socket says after it lost is no news, and must not be an unheard error.
        socket.removeAllListeners('connect').on('error', () => {});
        socket.destroy();
      }
      resolve(outcome);
    };
    const attempts = (): readonly Attempt[] =>
      addresses.slice(0, Math.max(1, sockets.length)).map(({ address, family }, index) => ({
        where: `${family === 6 ? `[${address}]` : address}:${port}`,
        code: codes[index] ?? 'ETIMEDOUT',
      }));
    const onEnd = (): void => finish(attempts());
    const begin = (): void => {
      clearTimeout(next);
      const index = sockets.length;
      const one = addresses[index];
      if (one === undefined) {
        if (codes.every((code) => code !== null)) finish(attempts());
        return;
      }
      const socket = new Socket();
      sockets.push(socket);
      const onError = (error: Error): void => {
        codes[index] = codeOf(error);
        begin();
      };
      socket.once('error', onError);
      socket.once('connect', () => {
        socket.off('error', onError);
        finish(socket);
      });
      socket.connect({ host: one.address, port, autoSelectFamily: false });
      next = setTimeout(begin, nextAfterMs);
    };
    ended.addEventListener('abort', onEnd, { once: true });
    if (ended.aborted) onEnd();
    else begin();
  });
}

function takingTurns(addresses: readonly Address[]): readonly Address[] {
  const first = addresses.filter(({ family }) => family === addresses[0]?.family);
  const second = addresses.filter(({ family }) => family !== addresses[0]?.family);
  return Array.from({ length: Math.max(first.length, second.length) }, (_, index) =>
    [first[index], second[index]].filter((one) => one !== undefined),
  ).flat();
}

function codeOf(error: unknown): string {
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' ? code : 'ECONNABORTED';
}
