import type { SearchCluster } from '../environments/environment.ts';

/** How long the search step waits, and how often it tries again. Milliseconds. */
export interface SearchTiming {
  /** No byte moved on a request for so long: the connection is closed. */
  readonly watchdogMs: number;
  /** The same for a request that the server answers at once (health, version, reading an alias). */
  readonly quickWatchdogMs: number;
  /** Tries in all, of an import body that met a busy or unreachable server. */
  readonly importAttempts: number;
  /** Tries in all, of every other request that may safely be sent again. */
  readonly adminAttempts: number;
  /** First pause between tries; doubles up to `pauseMaxMs`, with jitter. */
  readonly pauseMs: number;
  readonly pauseMaxMs: number;
  /** How long a server may take to carry out its log after a crash. */
  readonly replayMs: number;
  /** How long other nodes may take to show what the first one did. */
  readonly followerMs: number;
  /** From 0 up to 1, for the jitter. */
  readonly random: () => number;
}

/**
 * Facts: the server's own I/O time-outs are 60 s, so a request that stands still for two minutes is lost; a busy
 * server asks for pauses of seconds (eight tries with 1, 2, 4 … 30 s come to about a minute and a half).
 */
export const defaultTiming: SearchTiming = {
  watchdogMs: 120_000,
  quickWatchdogMs: 10_000,
  importAttempts: 8,
  adminAttempts: 3,
  pauseMs: 1_000,
  pauseMaxMs: 30_000,
  replayMs: 600_000,
  followerMs: 120_000,
  random: Math.random,
};

/** What every function of the search step is given besides its input. */
export interface SearchDeps {
  readonly cluster: SearchCluster;
  /** The clock, epoch milliseconds. */
  readonly now: () => number;
  readonly timing?: Partial<SearchTiming> | undefined;
}

export function timingOf(deps: Pick<SearchDeps, 'timing'>): SearchTiming {
  return { ...defaultTiming, ...deps.timing };
}
