import { LiveJobs } from './live-jobs.ts';
import type { Tell, Wish } from './news.ts';

/**
 * The shared worker: what it follows, it follows once for all tabs of the browser. TypeScript's DOM library has no
 * types of the inside of a worker.
 */
const scope = globalThis as unknown as {
  onconnect: ((event: { readonly ports: readonly MessagePort[] }) => void) | null;
};
const jobs = new LiveJobs();
/** A tab that was closed says nothing more; one that is there says so every few seconds. */
const silentMs = 20_000;

scope.onconnect = ({ ports: [port] }) => {
  if (port === undefined) return;
  const leaves = new Map<string, () => void>();
  const leaveAll = (): void => {
    for (const leave of leaves.values()) leave();
    leaves.clear();
  };
  let silence = setTimeout(leaveAll, silentMs);
  port.addEventListener('message', ({ data }: MessageEvent<Wish | { readonly type: 'here' }>) => {
    clearTimeout(silence);
    silence = setTimeout(leaveAll, silentMs);
    if (data.type === 'here') return;
    leaves.get(data.id)?.();
    leaves.delete(data.id);
    if (data.type === 'leave') return;
    const { id, pass } = data;
    leaves.set(
      id,
      jobs.follow(id, pass, (news) => {
        port.postMessage({ id, news } satisfies Tell);
      }),
    );
  });
  port.start();
};
