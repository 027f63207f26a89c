import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { closeSync, openSync, statSync, utimesSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { z } from 'zod';
import { SyncError } from '../errors/sync-error.ts';
import { Secret } from '../lib/secret.ts';
import { PrivateRecords } from './private-records.ts';
import type { DamagedRecord } from './private-records.ts';
import { scopes } from './scope.ts';
import type { Scope } from './scope.ts';

/** 256 random bits: nothing that can be guessed, so a plain digest is enough to keep. */
const secretBytes = 32;
/** How often a token's use is written down. */
const noteUseMs = 60_000;

export const tokenNamePattern: RegExp = /^[a-z0-9][a-z0-9-]{0,39}$/;
const tokenPattern = /^mbs_([a-z0-9][a-z0-9-]{0,39})_([0-9a-f]{64})$/;

const storedSchema = z.strictObject({
  version: z.literal(1),
  name: z.string().regex(tokenNamePattern),
  scope: z.enum(scopes),
  environments: z.array(z.string()).nullable(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  createdAt: z.number(),
  createdBy: z.string(),
  expiresAt: z.number().nullable(),
});
type StoredToken = z.infer<typeof storedSchema>;

/** A token as it may be shown. Times are epoch milliseconds. */
export interface Token {
  readonly name: string;
  readonly scope: Scope;
  /** Those it may write to; null for all, which is what `read` and `admin` have. */
  readonly environments: readonly string[] | null;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly expiresAt: number | null;
  readonly expired: boolean;
  /** To the minute; null where it was never used. */
  readonly lastUsedAt: number | null;
}

export interface NewToken {
  readonly name: string;
  readonly scope: Scope;
  readonly environments: readonly string[] | null;
  readonly expiresAt: number | null;
  readonly createdBy: string;
}

export interface TokenStoreDeps {
  readonly dataDirectory: string;
  readonly now: () => number;
  /** A token's use could not be written down; it was let in all the same. */
  readonly onTrouble: (error: unknown) => void;
}

/** The named tokens of a data directory (docs/adr/0033-tokens.md). Every process that shares it sees the same ones. */
export class TokenStore {
  readonly #records: PrivateRecords<StoredToken>;
  readonly #deps: TokenStoreDeps;
  readonly #noted = new Map<string, number>();

  constructor(deps: TokenStoreDeps) {
    this.#deps = deps;
    this.#records = new PrivateRecords(deps.dataDirectory, 'tokens', storedSchema, deps.now);
  }

  /** The answer holds the token's only clear text. Throws USAGE_INVALID, CONFLICT_STATE, STORAGE_*. */
  async create(asked: NewToken): Promise<{ readonly token: Token; readonly secret: Secret }> {
    const now = this.#deps.now();
    checkNew(asked, now);
    const { name, scope, environments, expiresAt, createdBy } = asked;
    const secret = randomBytes(secretBytes).toString('hex');
    const stored: StoredToken = {
      version: 1,
      name,
      scope,
      environments: environments === null ? null : [...environments],
      sha256: digest(secret).toString('hex'),
      createdAt: now,
      createdBy,
      expiresAt,
    };
    if (!(await this.#records.make(name, stored)))
      throw new SyncError('CONFLICT_STATE', `There is a token "${name}" already; nothing was changed.`, {
        hint: 'Revoke it first, or choose another name.',
      });
    // A use of one that was revoked may have been noted after that.
    await rm(this.#usePath(name), { force: true });
    return { token: this.#shown(stored), secret: new Secret(`mbs_${name}_${secret}`) };
  }

  /** By name, expired ones too, without those that `damaged` names. */
  async list(): Promise<readonly Token[]> {
    return (await this.#records.all()).records.map((stored) => this.#shown(stored));
  }

  /** Those whose file cannot be read: they open nothing, and can be revoked. */
  async damaged(): Promise<readonly DamagedRecord[]> {
    return (await this.#records.all()).damaged;
  }

  /** Throws USAGE_NOT_FOUND. */
  async revoke(name: string): Promise<void> {
    const found = tokenNamePattern.test(name) && (await this.#records.remove(name));
    if (!found) throw new SyncError('USAGE_NOT_FOUND', `There is no token "${name}".`);
    await rm(this.#usePath(name), { force: true });
  }

  /**
   * The token that a text is; null where it is none, was revoked or has expired. Which of them it may be is no secret
   * (its name), the rest is compared in constant time.
   */
  find(text: string): Token | null {
    const [, name, secret] = tokenPattern.exec(text) ?? [];
    if (name === undefined || secret === undefined) return null;
    const stored = this.#records.read(name);
    if (stored === null) return null;
    if (!timingSafeEqual(Buffer.from(stored.sha256, 'hex'), digest(secret))) return null;
    const token = this.#shown(stored);
    return token.expired ? null : token;
  }

  /** Writes down, at most once a minute, that a token was used. Never throws. */
  noteUse({ name }: Token): void {
    const now = this.#deps.now();
    if (now - (this.#noted.get(name) ?? -Infinity) < noteUseMs) return;
    this.#noted.set(name, now);
    try {
      const path = this.#usePath(name);
      closeSync(openSync(path, 'a', 0o600));
      utimesSync(path, now / 1000, now / 1000);
    } catch (error) {
      this.#deps.onTrouble(error);
    }
  }

  /** An empty file whose time of change is the token's last use: the record itself is never written again. */
  #usePath(name: string): string {
    return `${this.#records.path(name)}.used`;
  }

  #shown({ name, scope, environments, createdAt, createdBy, expiresAt }: StoredToken): Token {
    const used = statSync(this.#usePath(name), { throwIfNoEntry: false });
    return {
      name,
      scope,
      environments,
      createdAt,
      createdBy,
      expiresAt,
      expired: expiresAt !== null && expiresAt <= this.#deps.now(),
      lastUsedAt: used === undefined ? null : Math.round(used.mtimeMs),
    };
  }
}

function checkNew({ name, scope, environments, expiresAt }: NewToken, now: number): void {
  const faults: string[] = [];
  if (!tokenNamePattern.test(name))
    faults.push('its name takes up to 40 lower case letters, digits and -, and begins with none of the last');
  if (scope !== 'operate' && environments !== null)
    faults.push(
      `environments go with the scope "operate"; "${scope}" ${scope === 'read' ? 'writes to none' : 'has all'}`,
    );
  if (environments?.length === 0) faults.push('it names no environment');
  if (expiresAt !== null && !(expiresAt > now)) faults.push('it would have expired already');
  if (faults.length > 0) throw new SyncError('USAGE_INVALID', `No token was made: ${faults.join('; ')}.`);
}

const digest = (text: string): Buffer => createHash('sha256').update(text, 'utf8').digest();
