/** Snapshots that tell of work (not of a change of step or state) keep this distance: 4 a second. */
const emitEveryMs = 250;

/**
 * Decides when snapshots are sent.
 *
 * - *quiet*: nothing waits to be told. `now` sends at once, and so does `soon` if 250 ms have passed since the last
 *   snapshot. → waiting, on a `soon` before that.
 * - *waiting*: a timer runs to the end of the 250 ms; it covers each further `soon`. → quiet, when it fires, or on
 *   `now`, which sends at once instead.
 * - *ended*, for good, by `end`: nothing is sent.
 *
 * Keeps no process alive: the timer is unref'd.
 */
export class Emission {
  readonly #clock: () => number;
  readonly #send: () => void;
  #sentAt = Number.NEGATIVE_INFINITY;
  /** Set while waiting only. */
  #timer: NodeJS.Timeout | null = null;
  #ended = false;

  /** `clock` tells epoch milliseconds; `send` makes a snapshot and sends it. */
  constructor(clock: () => number, send: () => void) {
    this.#clock = clock;
    this.#send = send;
  }

  now(): void {
    if (this.#ended) return;
    this.#clearTimer();
    this.#sentAt = this.#clock();
    this.#send();
  }

  soon(): void {
    if (this.#timer !== null || this.#ended) return;
    const waitMs = this.#sentAt + emitEveryMs - this.#clock();
    if (waitMs <= 0) {
      this.now();
      return;
    }
    this.#timer = setTimeout(() => {
      this.now();
    }, waitMs);
    this.#timer.unref();
  }

  end(): void {
    this.#ended = true;
    this.#clearTimer();
  }

  #clearTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
