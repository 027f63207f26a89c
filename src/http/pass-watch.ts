import type { Pass } from '../access/principal.ts';
import { SyncError } from '../errors/sync-error.ts';

/** Between two looks: so long a stream may outlive its token. */
const lookMs = 1_000;

/**
 * Ends what is open when the pass it was opened with does not hold any more: its token was revoked (here or by another
 * process), has expired, or its page signed out. Looks while something is open.
 */
export class PassWatch {
  readonly #open = new Map<object, { readonly pass: Pass; readonly end: (reason: SyncError) => void }>();
  #timer: NodeJS.Timeout | null = null;

  /** `end` is called once, unless the answer was called before. */
  add(pass: Pass, end: (reason: SyncError) => void): () => void {
    const key = {};
    this.#open.set(key, { pass, end });
    this.#timer ??= setInterval(() => {
      this.#look();
    }, lookMs).unref();
    return () => {
      this.#open.delete(key);
    };
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  #look(): void {
    for (const [key, { pass, end }] of this.#open) {
      if (stillHolds(pass)) continue;
      this.#open.delete(key);
      const { actor } = pass.principal;
      end(new SyncError('AUTH_KEY_MISSING', `${actor} holds no longer; what it had open was closed.`));
    }
    if (this.#open.size === 0) this.close();
  }
}

/** A record that cannot be read lets nobody in, so it keeps nobody in. */
function stillHolds(pass: Pass): boolean {
  try {
    return pass.holds();
  } catch {
    return false;
  }
}
