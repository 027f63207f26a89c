import { createHash, randomBytes } from 'node:crypto';
import { SyncError } from '../errors/sync-error.ts';
import { Secret } from '../lib/secret.ts';
import { checkApiKey } from './api-key.ts';

/** A link is opened when it is printed. */
const linkLifeMs = 10 * 60_000;
/** A page that is left alone for so long asks again. */
const sessionLifeMs = 12 * 60 * 60_000;
/** Of what nobody uses, the oldest goes. */
const linksMax = 32;
const sessionsMax = 256;
const tokenBytes = 32;

export interface OneTimeLink {
  /** Goes behind the `#` of the page's address: what stands there is sent to no server, proxy or log. */
  readonly code: Secret;
  readonly expiresAt: number;
}

/** Who comes in: holders of a key, and pages that a one-time link has opened. */
export interface Door {
  /** The key was made by the service itself, for this machine alone. */
  readonly localOnly: boolean;
  /** Throws AUTH_KEY_MISSING; `presented` is null where nothing was sent. */
  admit(presented: string | null): void;
  newLink(): OneTimeLink;
  /**
   * What a page holds from then on instead of the key; it ends with the process. Throws AUTH_KEY_MISSING for a link
   * that was used or is too old.
   */
  redeem(code: string): Secret;
}

export interface DoorInput {
  /** API_KEY or the service's own, first; others that open as well. */
  readonly keys: readonly [Secret, ...Secret[]];
  readonly localOnly: boolean;
  readonly now: () => number;
}

export function createDoor({ keys, localOnly, now }: DoorInput): Door {
  const links = new Passes(linksMax, now);
  const sessions = new Passes(sessionsMax, now);
  return {
    localOnly,
    admit: (presented) => {
      if (presented !== null && sessions.renew(presented, sessionLifeMs)) return;
      checkApiKey(keys, presented);
    },
    newLink: () => links.issue(linkLifeMs),
    redeem: (code) => {
      if (!links.take(code)) {
        throw new SyncError(
          'AUTH_KEY_MISSING',
          'This link was used already, or is older than 10 minutes. Ask for a new one.',
          { hint: 'A new one: multiboard-sync page.' },
        );
      }
      return sessions.issue(sessionLifeMs).code;
    },
  };
}

/** Random words with an end. Kept by their digests: looking one up takes as long for a near miss as for any other. */
class Passes {
  readonly #ends = new Map<string, number>();
  readonly #max: number;
  readonly #now: () => number;

  constructor(max: number, now: () => number) {
    this.#max = max;
    this.#now = now;
  }

  issue(lifeMs: number): OneTimeLink {
    const code = randomBytes(tokenBytes).toString('base64url');
    const expiresAt = this.#now() + lifeMs;
    this.#put(digest(code), expiresAt);
    return { code: new Secret(code), expiresAt };
  }

  /** Whether it holds; it does not any more. */
  take(code: string): boolean {
    const key = digest(code);
    const end = this.#ends.get(key);
    this.#ends.delete(key);
    return end !== undefined && end > this.#now();
  }

  /** Whether it holds; then for so long from now. */
  renew(code: string, lifeMs: number): boolean {
    if (!this.take(code)) return false;
    this.#put(digest(code), this.#now() + lifeMs);
    return true;
  }

  #put(key: string, end: number): void {
    this.#ends.set(key, end);
    const [oldest] = this.#ends.keys();
    if (this.#ends.size > this.#max && oldest !== undefined) this.#ends.delete(oldest);
  }
}

const digest = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');
