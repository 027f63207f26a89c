/**
 * The API as the page uses it. A typed key stays in this tab's session storage. What a one-time link was exchanged
 * for is all tabs': it is no key, and worth nothing when the service has ended. Both travel in a header, never in a
 * URL.
 */
const storageKey = 'multiboard-sync-key';
const passKey = 'multiboard-sync-pass';
const silenceMs = 40_000;
const socketTimeoutMs = 5_000;

/** @import { Problem as ProblemDocument } from '../src/http/problem.ts' */
/** @import { FeedItem } from '../src/http/job-feed.ts' */
/** @import { JobLogLine } from '../src/jobs/job-log-lines.ts' */
/** @import { JobView } from '../src/jobs/job-view.ts' */
/** @import { ProgressSnapshot } from '../src/progress/progress.ts' */
/** @import { Socket } from 'socket.io-client' */

/**
 * What a watched job tells. `open`: the connection is there.
 *
 * @typedef {{ name: 'open' }
 *   | { name: 'job' | 'end', data: JobView }
 *   | { name: 'progress', data: ProgressSnapshot }
 *   | { name: 'log', data: JobLogLine }
 *   | { name: 'gap', data: { dropped: number } }} JobNews
 */
/** @typedef {Exclude<JobNews, { name: 'open' }>} JobEvent */
/** @typedef {{ id: string | null, over: boolean }} Known The last event's id, and whether nothing more comes. */
/** @typedef {Pick<ProblemDocument, 'detail' | 'status' | 'hint'> & { code?: string }} Told */

const storedKey = () => sessionStorage.getItem(storageKey) ?? localStorage.getItem(passKey);
/** @param {string} key */
export const setKey = (key) => sessionStorage.setItem(storageKey, key);
export const hasKey = () => storedKey() !== null;

const linkStart = '#open=';
export const isLink = () => location.hash.startsWith(linkStart);

/** Opens the page by the code of a one-time link, which goes from the address before anything else is done. */
export async function openByLink() {
  if (!isLink()) return;
  const code = location.hash.slice(linkStart.length);
  history.replaceState(null, '', location.pathname);
  try {
    localStorage.setItem(passKey, (await api('POST', 'api/session', { code })).token);
  } catch (error) {
    if (error instanceof Problem) error.ofLink = true;
    throw error;
  }
}

/** An answer that is a problem document. */
export class Problem extends Error {
  /** True where the code of a one-time link was refused. */
  ofLink = false;

  /** @param {Told} problem */
  constructor(problem) {
    super(problem.detail);
    this.status = problem.status;
    this.code = problem.code;
    this.hint = problem.hint;
  }
}

/**
 * @param {Record<string, string>} more
 * @returns {Record<string, string>}
 */
function headers(more) {
  const key = storedKey();
  return key === null ? more : { ...more, Authorization: `Bearer ${key}` };
}

/** @param {Response} response */
async function problemOf(response) {
  const body = await response.json().catch(() => null);
  return new Problem(
    body ?? { detail: `The service answered ${response.status}.`, status: response.status, hint: '' },
  );
}

/**
 * The answer, as the caller knows it (src/http/answers.ts). Rejects with a `Problem`, or a `TypeError` when the service
 * cannot be reached.
 *
 * @param {'GET' | 'POST'} method
 * @param {string} path
 * @param {object} [body]
 * @returns {Promise<any>}
 */
export async function api(method, path, body) {
  const response = await fetch(path, {
    method,
    headers: headers(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  // The service knows no pass of the process before it.
  if (response.status === 401) localStorage.removeItem(passKey);
  if (!response.ok) throw await problemOf(response);
  return response.status === 204 ? null : response.json();
}

/**
 * Follows a job until its end, connecting again when the connection is lost. `on.event` gets each event,
 * `on.lost(seconds)` when it is gone and tried again in so long, `on.back()` when it is there again.
 *
 * @param {string} id
 * @param {AbortSignal} signal
 * @param {{ event: (news: JobEvent) => void, lost: (seconds: number) => void, back: () => void }} on
 */
export async function follow(id, signal, on) {
  /** @type {Known} */
  const known = { id: null, over: false };
  for (let failures = 0; !signal.aborted;) {
    try {
      for await (const news of feed(id, known, signal)) {
        if (news.name === 'open') on.back();
        else on.event(news);
        failures = 0;
        if (news.name === 'end') return;
      }
      if (known.over) return;
    } catch (error) {
      if (signal.aborted) return;
      if (!isPassing(error)) throw error;
    }
    if (signal.aborted) return;
    failures += 1;
    const seconds = Math.min(10, failures * 2 - 1);
    on.lost(seconds);
    await new Promise((resolve) => {
      setTimeout(resolve, seconds * 1000);
    });
  }
}

/**
 * Whether another try may succeed.
 *
 * @param {unknown} error
 */
function isPassing(error) {
  if (error instanceof Problem) return error.status === 429 || error.status >= 500;
  return error instanceof TypeError || (error instanceof Error && error.name === 'AbortError');
}

/**
 * A browser opens six connections to a host over HTTP/1.1, for all its tabs together: with a stream in each, the
 * seventh tab would not even load. WebSockets are not counted among them. Only where none can be had (a proxy that
 * passes on no upgrades) does a stream do.
 *
 * @param {string} id
 * @param {Known} known
 * @param {AbortSignal} signal
 * @returns {AsyncGenerator<JobNews>}
 */
async function* feed(id, known, signal) {
  const socket = await openSocket();
  if (socket === null) {
    yield* streamFeed(id, known, signal);
    return;
  }
  yield* socketFeed(socket, id, signal);
}

/**
 * Null where no WebSocket can be opened; rejects with the `Problem` where the service refuses this page.
 *
 * @returns {Promise<Socket | null>}
 */
async function openSocket() {
  /** @type {typeof import('socket.io-client')} */
  const { io } = await import(new URL('socket.io.js', document.baseURI).href);
  const path = new URL('socket.io/', document.baseURI).pathname;
  const options = { path, transports: ['websocket'], reconnection: false, forceNew: true };
  const socket = io({ ...options, timeout: socketTimeoutMs, auth: { token: storedKey() } });
  return new Promise((resolve, reject) => {
    const none = () => {
      socket.disconnect();
      resolve(null);
    };
    socket.once('connect', () => resolve(socket));
    // Closed before anything was said.
    socket.io.engine.once('close', none);
    socket.once('connect_error', (/** @type {Error & { data?: Told }} */ { data }) => {
      if (data?.code !== undefined) reject(new Problem(data));
      none();
    });
  });
}

/**
 * @param {Socket} socket
 * @param {string} id
 * @param {AbortSignal} signal
 * @returns {AsyncGenerator<JobNews>}
 */
async function* socketFeed(socket, id, signal) {
  /** @typedef {FeedItem | { type: 'open' } | { type: 'closed' } | { type: 'error', problem: Told }} Item */
  /** @type {Item[]} */
  const news = [];
  let wake = () => {};
  const put = (/** @type {Item} */ item) => {
    news.push(item);
    wake();
  };
  const leave = () => socket.disconnect();
  signal.addEventListener('abort', leave);
  socket.on('job', put);
  socket.on('disconnect', () => put({ type: 'closed' }));
  const answered = (/** @type {{ ok: boolean, problem?: Told }} */ { ok, problem }) =>
    put(ok || problem === undefined ? { type: 'open' } : { type: 'error', problem });
  socket.emit('job:subscribe', { id }, answered);
  try {
    for (;;) {
      const item = news.shift();
      if (item === undefined)
        await new Promise((resolve) => {
          wake = () => resolve(undefined);
        });
      else if (item.type === 'closed') return;
      else if (item.type === 'error') throw new Problem(item.problem);
      else yield newsOf(item);
    }
  } finally {
    signal.removeEventListener('abort', leave);
    socket.disconnect();
  }
}

/**
 * @param {FeedItem | { type: 'open' }} item
 * @returns {JobNews}
 */
function newsOf(item) {
  if (item.type === 'job' || item.type === 'end') return { name: item.type, data: item.job };
  if (item.type === 'progress') return { name: item.type, data: item.progress };
  if (item.type === 'log') return { name: item.type, data: item.line };
  if (item.type === 'gap') return { name: item.type, data: { dropped: item.dropped } };
  return { name: 'open' };
}

/**
 * EventSource cannot send the key, so the stream is read by hand.
 *
 * @param {string} id
 * @param {Known} known
 * @param {AbortSignal} signal
 * @returns {AsyncGenerator<JobNews>}
 */
async function* streamFeed(id, known, signal) {
  const stream = await openStream(id, known.id, signal);
  // The job has ended, and what was shown last is its last.
  known.over = stream === null;
  if (stream === null) return;
  yield { name: 'open' };
  for await (const { id: eventId, news } of stream) {
    if (eventId !== null) known.id = eventId;
    yield news;
  }
}

/**
 * @param {string} id
 * @param {string | null} lastId
 * @param {AbortSignal} signal
 */
async function openStream(id, lastId, signal) {
  const silence = new AbortController();
  const stop = () => silence.abort();
  signal.addEventListener('abort', stop);
  const response = await fetch(`api/jobs/${id}/stream`, {
    headers: headers({
      Accept: 'text/event-stream',
      ...(lastId === null ? {} : { 'Last-Event-ID': lastId }),
    }),
    signal: silence.signal,
    cache: 'no-store',
  });
  if (!response.ok) throw await problemOf(response);
  if (response.status === 204 || response.body === null) return null;
  return readEvents(response.body, stop);
}

/**
 * The service says something every 15 s; when it is silent for longer the connection is dead.
 *
 * @param {ReadableStream<Uint8Array<ArrayBuffer>>} body
 * @param {() => void} stop
 * @returns {AsyncGenerator<{ id: string | null, news: JobNews }>}
 */
async function* readEvents(body, stop) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const timer = setTimeout(() => stop(), silenceMs);
    const { done, value } = await reader.read().finally(() => clearTimeout(timer));
    if (done) return;
    const parts = (text + value).split('\n\n');
    text = parts.pop() ?? '';
    for (const part of parts) {
      const field = (/** @type {string} */ name) =>
        part.match(new RegExp(`^${name}: (.*)$`, 'm'))?.[1] ?? null;
      const [name, data] = [field('event'), field('data')];
      if (name !== null && data !== null)
        yield { id: field('id'), news: /** @type {JobNews} */ ({ name, data: JSON.parse(data) }) };
    }
  }
}
