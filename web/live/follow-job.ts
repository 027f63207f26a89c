import { storedPass } from '../api/pass.ts';
import { LiveJobs } from './live-jobs.ts';
import type { Listener } from './live-jobs.ts';
import type { Tell, Wish } from './news.ts';

const hereEveryMs = 5_000;

type Follow = (id: string, listener: Listener) => () => void;

/** Follows a job; what is returned ends it. */
export const followJob: Follow = (id, listener) => follower()(id, listener);

let chosen: Follow | null = null;

/** One stream for all tabs where the browser has shared workers, else one for this tab. */
function follower(): Follow {
  chosen ??= typeof SharedWorker === 'undefined' ? alone() : shared();
  return chosen;
}

function alone(): Follow {
  const jobs = new LiveJobs();
  return (id, listener) => jobs.follow(id, storedPass(), listener);
}

function shared(): Follow {
  const listeners = new Map<string, Set<Listener>>();
  const worker = new SharedWorker(new URL('./worker.ts', import.meta.url), {
    type: 'module',
    name: 'live',
  });
  const wish = (one: Wish): void => {
    worker.port.postMessage(one);
  };
  worker.port.addEventListener('message', ({ data }: MessageEvent<Tell>) => {
    for (const listener of listeners.get(data.id) ?? []) listener(data.news);
  });
  worker.port.start();
  // A hidden tab is slowed down by the browser and may be silent for longer than the worker waits: it says again what
  // it follows when it is seen.
  const again = (): void => {
    if (document.visibilityState !== 'visible') return;
    for (const id of listeners.keys()) wish({ type: 'follow', id, pass: storedPass() });
  };
  document.addEventListener('visibilitychange', again);
  addEventListener('pagehide', () => {
    for (const id of listeners.keys()) wish({ type: 'leave', id });
  });
  addEventListener('pageshow', again);
  setInterval(() => {
    if (listeners.size > 0) worker.port.postMessage({ type: 'here' });
  }, hereEveryMs);
  return (id, listener) => {
    const all = listeners.get(id) ?? new Set<Listener>();
    all.add(listener);
    listeners.set(id, all);
    wish({ type: 'follow', id, pass: storedPass() });
    return () => {
      all.delete(listener);
      if (all.size > 0 || listeners.get(id) !== all) return;
      listeners.delete(id);
      wish({ type: 'leave', id });
    };
  };
}
