import { SyncError } from '../errors/sync-error.ts';

/** Collects everything that is wrong with the configuration, so that a person sees all of it at once. */
export interface Faults {
  /** One sentence without its full stop, that starts with the place: `.env:3: PORT must be …`. Never a value. */
  add(fault: string): void;
  /** Throws CONFIG_INVALID that names every fault, if there is any. */
  throwIfAny(): void;
}

export function createFaults(): Faults {
  const found: string[] = [];
  return {
    add(fault) {
      found.push(fault);
    },
    throwIfAny() {
      if (found.length === 0) return;
      const message =
        found.length === 1
          ? `${found[0]}.`
          : `${found.length} settings are wrong:${found.map((fault) => `\n  ${fault}.`).join('')}`;
      throw new SyncError('CONFIG_INVALID', message, { details: { faults: found } });
    },
  };
}
