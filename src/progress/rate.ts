/**
 * An exponentially weighted moving average of work per second. Samples may come at any distance in time: the weight of
 * the past falls by half every `halfLifeMs`, so a stall shows within seconds and one slow chunk does not.
 */
export interface Rate {
  /**
   * `total` only grows; `at` is epoch milliseconds. Samples closer than `sampleMs` to the last are folded into the
   * next.
   */
  sample(total: number, at: number): void;
  /** Units per second; null before the first full sample. */
  readonly perSecond: number | null;
}

const halfLifeMs = 5_000;
const sampleMs = 250;

export function createRate(startTotal: number, startAt: number): Rate {
  let lastTotal = startTotal;
  let lastAt = startAt;
  // Weighted sum and sum of weights: dividing them keeps the first sample from ruling the first seconds.
  let weighted = 0;
  let weight = 0;
  return {
    sample(total, at) {
      const elapsedMs = at - lastAt;
      if (elapsedMs < sampleMs) return;
      const now = ((total - lastTotal) * 1000) / elapsedMs;
      const keep = 0.5 ** (elapsedMs / halfLifeMs);
      weighted = weighted * keep + now * (1 - keep);
      weight = weight * keep + (1 - keep);
      lastTotal = total;
      lastAt = at;
    },
    get perSecond() {
      return weight === 0 ? null : weighted / weight;
    },
  };
}
