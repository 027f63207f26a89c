import { Problem } from '../api/client.ts';
import { eventStream } from './event-stream.ts';
import type { Known } from './event-stream.ts';
import type { News } from './news.ts';
import { SharedSocket } from './shared-socket.ts';

const waitMaxSeconds = 10;

export type Listener = (news: News) => void;

interface Followed {
  readonly listeners: Set<Listener>;
  readonly end: AbortController;
  /** The newest of each that a late comer needs to draw everything. */
  readonly newest: Map<News['type'], News>;
}

/** Follows jobs for any number of listeners, each job once, connecting again when the connection is lost. */
export class LiveJobs {
  readonly #followed = new Map<string, Followed>();
  readonly #socket = new SharedSocket();
  #pass: string | null = null;

  /** Returns what ends it. */
  follow(id: string, pass: string | null, listener: Listener): () => void {
    this.#pass = pass;
    const known = this.#followed.get(id);
    const followed = known ?? { listeners: new Set(), end: new AbortController(), newest: new Map() };
    followed.listeners.add(listener);
    if (known === undefined) {
      this.#followed.set(id, followed);
      void this.#run(id, followed);
    }
    for (const type of ['job', 'progress', 'open', 'lost', 'end'] as const) {
      const news = followed.newest.get(type);
      if (news !== undefined) listener(news);
    }
    return () => {
      followed.listeners.delete(listener);
      if (followed.listeners.size > 0) return;
      followed.end.abort();
      if (this.#followed.get(id) === followed) this.#followed.delete(id);
    };
  }

  async #run(id: string, followed: Followed): Promise<void> {
    const { signal } = followed.end;
    const tell = (news: News): void => {
      if (news.type === 'open') followed.newest.delete('lost');
      followed.newest.set(news.type, news);
      for (const listener of followed.listeners) listener(news);
    };
    const known: Known = { id: null, over: false };
    for (let failures = 0; !signal.aborted;) {
      try {
        for await (const news of await this.#feed(id, known, signal)) {
          tell(news);
          failures = 0;
          if (news.type === 'end') break;
        }
        if (known.over || followed.newest.has('end')) break;
      } catch (error) {
        if (signal.aborted) break;
        if (error instanceof Problem && !mayPass(error)) {
          const { message: detail, status, hint, code } = error;
          tell({ type: 'refused', problem: { detail, status, hint, ...(code === null ? {} : { code }) } });
          break;
        }
      }
      failures += 1;
      const seconds = Math.min(waitMaxSeconds, failures * 2 - 1);
      followed.newest.delete('open');
      tell({ type: 'lost', seconds });
      await pause(seconds, signal);
    }
    // Whoever comes later is told anew.
    if (this.#followed.get(id) === followed) this.#followed.delete(id);
  }

  async #feed(id: string, known: Known, signal: AbortSignal): Promise<AsyncGenerator<News>> {
    const with_ = { pass: this.#pass, signal };
    return (await this.#socket.follow(id, with_)) ?? eventStream(id, { ...with_, known });
  }
}

/** Whether another try may succeed. */
const mayPass = ({ status }: Problem): boolean => status === 429 || status >= 500;

function pause(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, seconds * 1000);
    signal.addEventListener('abort', done);
  });
}
