import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';

export interface EndWithUsOptions {
  /** Sent when our process exits by itself. */
  readonly onExit: NodeJS.Signals;
  /** Sent when our process was killed. */
  readonly onKill: NodeJS.Signals;
  /** The user the child runs as, when it is not ours. */
  readonly identity?: { readonly uid: number; readonly gid: number } | null;
}

/**
 * Sees to it that a child does not outlive this process, however this process ends. A killed process runs no handler:
 * a small shell notices by the end of its input, which only we hold open (not on Windows).
 */
export function endWithUs(child: ChildProcess, options: EndWithUsOptions): void {
  const { pid } = child;
  if (pid === undefined) return;
  const onExit = (): void => {
    child.kill(options.onExit);
  };
  process.once('exit', onExit);
  child.once('exit', () => process.off('exit', onExit));
  if (process.platform === 'win32') return;
  const watchdog = spawn(
    '/bin/sh',
    ['-c', `read -r _; kill -${options.onKill.slice(3)} "$1"`, 'sh', `${pid}`],
    {
      cwd: '/',
      env: {},
      stdio: ['pipe', 'ignore', 'ignore'],
      // Ctrl-C in a terminal reaches every process of our group; this one has to stay until the child has ended.
      detached: true,
      ...options.identity,
    },
  );
  // Where none can be started, a child that outlives us is ended by the next start (endLeftovers).
  watchdog.on('error', () => {});
  child.once('exit', () => watchdog.kill('SIGKILL'));
  watchdog.unref();
  (watchdog.stdin as unknown as { unref(): void } | null)?.unref();
}
