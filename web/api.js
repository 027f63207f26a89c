/**
 * The API as the page uses it. A typed key stays in this tab's session storage. What a one-time link was exchanged for is
 * all tabs': it is no key, and worth nothing when the service has ended. Both travel in a header, never in a URL.
 */
const storageKey = 'multiboard-sync-key';
const passKey = 'multiboard-sync-pass';
const silenceMs = 40_000;
const socketTimeoutMs = 5_000;

const storedKey = () => sessionStorage.getItem(storageKey) ?? localStorage.getItem(passKey);
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
    error.ofLink = true;
    throw error;
  }
}

/** An answer that is a problem document. */
export class Problem extends Error {
  constructor(problem) {
    super(problem.detail);
    this.status = problem.status;
    this.code = problem.code;
    this.hint = problem.hint;
  }
}

function headers(more) {
  const key = storedKey();
  return key === null ? more : { ...more, Authorization: `Bearer ${key}` };
}

async function problemOf(response) {
  const body = await response.json().catch(() => null);
  return new Problem(
    body ?? { detail: `The service answered ${response.status}.`, status: response.status, hint: '' },
  );
}

/** Rejects with a `Problem`, or a `TypeError` when the service cannot be reached. */
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
 * Follows a job until its end, connecting again when the connection is lost. `on.event(name, data)` gets each event,
 * `on.lost(seconds)` when it is gone and tried again in so long, `on.back()` when it is there again.
 */
export async function follow(id, signal, on) {
  const known = { id: null };
  for (let failures = 0; !signal.aborted;) {
    try {
      for await (const { name, data } of feed(id, known, signal)) {
        if (name === 'open') on.back();
        else on.event(name, data);
        failures = 0;
        if (name === 'end') return;
      }
      if (known.over) return;
    } catch (error) {
      if (signal.aborted) return;
      const again =
        error instanceof TypeError ||
        error.name === 'AbortError' ||
        error.status === 429 ||
        error.status >= 500;
      if (!again) throw error;
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
 * A browser opens six connections to a host over HTTP/1.1, for all its tabs together: with a stream in each, the seventh
 * tab would not even load. WebSockets are not counted among them. Only where none can be had (a proxy that passes on no
 * upgrades) does a stream do.
 */
async function* feed(id, known, signal) {
  const socket = await openSocket();
  if (socket === null) {
    yield* streamFeed(id, known, signal);
    return;
  }
  yield* socketFeed(socket, id, signal);
}

/** Null where no WebSocket can be opened; rejects with the `Problem` where the service refuses this page. */
async function openSocket() {
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
    socket.once('connect_error', ({ data }) => {
      if (data?.code !== undefined) reject(new Problem(data));
      none();
    });
  });
}

async function* socketFeed(socket, id, signal) {
  const news = [];
  let wake = () => {};
  const put = (item) => {
    news.push(item);
    wake();
  };
  const leave = () => socket.disconnect();
  signal.addEventListener('abort', leave);
  socket.on('job', put);
  socket.on('disconnect', () => put({ type: 'closed' }));
  socket.emit('job:subscribe', { id }, ({ ok, problem }) => put({ type: ok ? 'open' : 'error', problem }));
  try {
    for (;;) {
      while (news.length === 0)
        await new Promise((resolve) => {
          wake = resolve;
        });
      const { type, problem, job, line, progress, dropped } = news.shift();
      if (type === 'closed') return;
      if (type === 'error') throw new Problem(problem);
      yield { name: type, data: progress ?? line ?? job ?? { dropped } };
    }
  } finally {
    signal.removeEventListener('abort', leave);
    socket.disconnect();
  }
}

/** EventSource cannot send the key, so the stream is read by hand. */
async function* streamFeed(id, known, signal) {
  const stream = await openStream(id, known.id, signal);
  // The job has ended, and what was shown last is its last.
  known.over = stream === null;
  if (stream === null) return;
  yield { name: 'open' };
  for await (const event of stream) {
    if (event.id !== null) known.id = event.id;
    yield event;
  }
}

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
  if (response.status === 204) return null;
  if (!response.ok) throw await problemOf(response);
  return readEvents(response.body, stop);
}

/** The service says something every 15 s; when it is silent for longer the connection is dead. */
async function* readEvents(body, stop) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const timer = setTimeout(() => stop(), silenceMs);
    const { done, value } = await reader.read().finally(() => clearTimeout(timer));
    if (done) return;
    const parts = (text + value).split('\n\n');
    text = parts.pop();
    for (const part of parts) {
      const field = (name) => part.match(new RegExp(`^${name}: (.*)$`, 'm'))?.[1] ?? null;
      if (field('event') !== null)
        yield { name: field('event'), id: field('id'), data: JSON.parse(field('data')) };
    }
  }
}
