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
    const { id } = data;
    const before = leaves.get(id);
    if (data.type === 'leave') {
      leaves.delete(id);
      before?.();
      return;
    }
    const { pass } = data;
    leaves.set(
      id,
      jobs.follow(id, pass, (news) => {
        port.postMessage({ id, news } satisfies Tell);
      }),
    );
    // Only now: left by everybody for a moment, the job's connection would be given up.
    before?.();
  });
  port.start();
};
