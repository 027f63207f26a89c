import { authorized, problemOf, serviceUrl } from '../api/client.ts';
import type { FedJob, News } from './news.ts';
import type { LogLine, Progress } from '../api/types.ts';

/** The service says something every 15 s; when it is silent for longer the connection is dead. */
const silenceMs = 40_000;

/** The last event's id, and whether nothing more comes. */
export interface Known {
  id: string | null;
  over: boolean;
}

/**
 * A job's server-sent events: for where no WebSocket can be had (a proxy that passes on no upgrades). `EventSource`
 * cannot send the key, so the stream is read by hand.
 */
export async function* eventStream(
  id: string,
  {
    known,
    pass,
    signal,
  }: { readonly known: Known; readonly pass: string | null; readonly signal: AbortSignal },
): AsyncGenerator<News> {
  const silence = new AbortController();
  const stop = (): void => {
    silence.abort();
  };
  signal.addEventListener('abort', stop);
  const response = await fetch(`${serviceUrl}api/jobs/${id}/stream`, {
    headers: authorized(pass, {
      Accept: 'text/event-stream',
      ...(known.id === null ? {} : { 'Last-Event-ID': known.id }),
    }),
    signal: silence.signal,
    cache: 'no-store',
  });
  if (!response.ok) throw await problemOf(response);
  known.over = response.status === 204;
  if (response.status === 204 || response.body === null) return;
  yield { type: 'open' };
  for await (const event of eventsOf(response.body, stop)) {
    if (event.id !== null) known.id = event.id;
    const news = newsOf(event.name, event.data);
    if (news !== null) yield news;
  }
}

interface StreamEvent {
  readonly id: string | null;
  readonly name: string;
  readonly data: string;
}

async function* eventsOf(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  stop: () => void,
): AsyncGenerator<StreamEvent> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const timer = setTimeout(stop, silenceMs);
    const { done, value } = await reader.read().finally(() => {
      clearTimeout(timer);
    });
    if (done) return;
    const parts = (text + value).split('\n\n');
    text = parts.pop() ?? '';
    for (const part of parts) {
      const field = (name: string): string | null =>
        new RegExp(`^${name}: (.*)$`, 'm').exec(part)?.[1] ?? null;
      const [name, data] = [field('event'), field('data')];
      if (name !== null && data !== null) yield { id: field('id'), name, data };
    }
  }
}

/** Null for an event that a newer service tells and this page does not know. */
function newsOf(name: string, data: string): News | null {
  const told: unknown = JSON.parse(data);
  switch (name) {
    case 'job':
    case 'end':
      return { type: name, job: told as FedJob };
    case 'progress':
      return { type: name, progress: told as Progress };
    case 'log':
      return { type: name, line: told as LogLine };
    case 'gap':
      return { type: name, dropped: (told as { readonly dropped: number }).dropped };
    default:
      return null;
  }
}
