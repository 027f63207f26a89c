import type { Session } from './session.ts';

/** How often a server is asked whether a session that nobody uses is still there. */
const askMs = 15_000;
/**
 * A server that ends takes all sessions with it, and the statement that fails then says why better than the session
 * that only waited: it is let go first.
 */
const graceMs = 250;

/**
 * Watches sessions that hold something for a whole run (a lock, a snapshot) while nobody uses them: `tell` is called,
 * once, a moment after the first of them has ended. Returns how to stop. The sessions are asked for a sign now and
 * then, so that one whose other end is silent counts as ended too.
 */
export function keepWatch(sessions: readonly Session[], tell: (error: unknown) => void): () => void {
  let grace: NodeJS.Timeout | undefined;
  const lost = (error: unknown): void => {
    grace ??= setTimeout(() => tell(error), graceMs);
  };
  const unheard = sessions.map((session) => session.whenLost(lost));
  const asking = setInterval(() => {
    // One without an answer is cut, which is told as any other loss.
    for (const session of sessions) session.ping().catch(() => {});
  }, askMs);
  asking.unref();
  if (sessions.some(({ broken }) => broken)) lost(new Error('Connection terminated'));
  return () => {
    clearTimeout(grace);
    clearInterval(asking);
    for (const forget of unheard) forget();
  };
}
