import { errorReport } from '../../errors/sync-error.ts';
import type { ErrorReport } from '../../errors/sync-error.ts';

/** What to do with the fault of a check: a plan collects it and goes on to the next check, a run ends with it. */
export interface Checks {
  add(error: unknown): void;
  attempt<T>(check: () => T | Promise<T>): Promise<T | null>;
}

/** Of a run: the first fault is thrown. */
export const firstFault: Checks = {
  add: (error) => {
    throw error;
  },
  attempt: async (check) => check(),
};

/**
 * Collects what each check has against the run, instead of stopping at the first. What several checks meet is told
 * once.
 */
export class Blockers implements Checks {
  readonly list: ErrorReport[] = [];
  readonly #signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  add(error: unknown): void {
    const report = errorReport(error);
    if (this.list.some(({ code, message }) => code === report.code && message === report.message)) return;
    this.list.push(report);
  }

  async attempt<T>(check: () => T | Promise<T>): Promise<T | null> {
    try {
      return await check();
    } catch (error) {
      this.#signal.throwIfAborted();
      this.add(error);
      return null;
    }
  }
}
