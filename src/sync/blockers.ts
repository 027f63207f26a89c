import { errorReport } from '../errors/sync-error.ts';
import type { ErrorReport } from '../errors/sync-error.ts';

/** Collects what each check has against the run, instead of stopping at the first. */
export class Blockers {
  readonly list: ErrorReport[] = [];
  readonly #signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  add(error: unknown): void {
    this.list.push(errorReport(error));
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
