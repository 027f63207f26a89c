import { createHash, randomBytes } from 'node:crypto';
import { Secret } from '../lib/secret.ts';

const tokenBytes = 32;

export interface IssuedPass {
  readonly code: Secret;
  readonly expiresAt: number;
}

/**
 * Random words with an end, each for something. Kept by their digests: looking one up takes as long for a near miss as
 * for any other.
 */
export class Passes<T extends object> {
  readonly #held = new Map<string, { readonly end: number; readonly value: T }>();
  readonly #max: number;
  readonly #now: () => number;

  constructor(max: number, now: () => number) {
    this.#max = max;
    this.#now = now;
  }

  issue(value: T, lifeMs: number): IssuedPass {
    const code = randomBytes(tokenBytes).toString('base64url');
    const expiresAt = this.#now() + lifeMs;
    this.#put(digest(code), { end: expiresAt, value });
    return { code: new Secret(code), expiresAt };
  }

  has(code: string): boolean {
    const held = this.#held.get(digest(code));
    return held !== undefined && held.end > this.#now();
  }

  /** What it is for, null where it does not hold; it does not any more. */
  take(code: string): T | null {
    const key = digest(code);
    const held = this.#held.get(key);
    this.#held.delete(key);
    return held !== undefined && held.end > this.#now() ? held.value : null;
  }

  /** What it is for, null where it does not hold; then for so long from now. */
  renew(code: string, lifeMs: number): T | null {
    const value = this.take(code);
    if (value !== null) this.#put(digest(code), { end: this.#now() + lifeMs, value });
    return value;
  }

  #put(key: string, held: { readonly end: number; readonly value: T }): void {
    this.#held.set(key, held);
    const [oldest] = this.#held.keys();
    if (this.#held.size > this.#max && oldest !== undefined) this.#held.delete(oldest);
  }
}

const digest = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');
