import type { Pass, Principal } from '../access/principal.ts';
import type { TokenStore } from '../access/tokens.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { Secret } from '../lib/secret.ts';
import { isKey } from './api-key.ts';
import { Passes } from './passes.ts';
import type { IssuedPass } from './passes.ts';

/** A link is opened when it is printed. */
const linkLifeMs = 10 * 60_000;
/** A page that is left alone for so long asks again. */
const sessionLifeMs = 12 * 60 * 60_000;
/** Of what nobody uses, the oldest goes. */
const linksMax = 32;
const sessionsMax = 256;

/** Who comes in: holders of a key or a token, and pages that a one-time link has opened. */
export interface Door {
  /** The key was made by the service itself, for this machine alone. */
  readonly localOnly: boolean;
  /** Throws AUTH_KEY_MISSING; `presented` is null where nothing was sent. */
  admit(presented: string | null): Pass;
  /**
   * Opens the page for whoever asked for it: it may do what he may, and as long as he may. The code goes behind the `#`
   * of the page's address: what stands there is sent to no server, proxy or log.
   */
  newLink(asker: Pass): IssuedPass;
  /**
   * What a page holds from then on instead of the key; it ends with the process. Throws AUTH_KEY_MISSING for a link
   * that was used or is too old.
   */
  redeem(code: string): Secret;
}

export interface DoorInput {
  /** API_KEY or the service's own, first; others that open everything as well. */
  readonly keys: readonly [DoorKey, ...DoorKey[]];
  readonly tokens: Pick<TokenStore, 'find' | 'noteUse'>;
  readonly localOnly: boolean;
  readonly now: () => number;
}

export interface DoorKey {
  readonly key: Secret;
  /** What its holder is called in job records and the audit. */
  readonly actor: string;
}

export function createDoor({ keys, tokens, localOnly, now }: DoorInput): Door {
  const links = new Passes<Pass>(linksMax, now);
  const sessions = new Passes<Pass>(sessionsMax, now);

  /** Each is compared, whichever of them it is. */
  const ofKey = (presented: string): Pass | null => {
    const [found] = keys.filter(({ key }) => isKey(key, presented));
    return found === undefined ? null : adminPass(found.actor);
  };
  const ofToken = (presented: string): Pass | null => {
    const token = tokens.find(presented);
    if (token === null) return null;
    tokens.noteUse(token);
    const { name, scope, environments } = token;
    return {
      principal: { actor: `token ${name}`, scope, environments },
      holds: () => tokens.find(presented) !== null,
    };
  };
  const ofSession = (presented: string): Pass | null => {
    const pass = sessions.renew(presented, sessionLifeMs);
    if (pass === null || !pass.holds()) return null;
    return { principal: pass.principal, holds: () => sessions.has(presented) && pass.holds() };
  };

  return {
    localOnly,
    admit: (presented) => {
      const pass =
        presented === null ? null : (ofSession(presented) ?? ofToken(presented) ?? ofKey(presented));
      if (pass !== null) return pass;
      throw new SyncError(
        'AUTH_KEY_MISSING',
        presented === null
          ? 'The request carries no API key; it was refused.'
          : 'The request’s API key is none that this service knows, or holds no longer; it was refused.',
      );
    },
    newLink: (asker) => links.issue(asker, linkLifeMs),
    redeem: (code) => {
      const asker = links.take(code);
      if (asker?.holds() !== true) {
        throw new SyncError(
          'AUTH_KEY_MISSING',
          'This link was used already, or is older than 10 minutes. Ask for a new one.',
          { hint: 'A new one: multiboard-sync page.' },
        );
      }
      return sessions.issue(asker, sessionLifeMs).code;
    },
  };
}

/** Of a key that holds as long as the process. */
export function adminPass(actor: string): Pass {
  const principal: Principal = { actor, scope: 'admin', environments: null };
  return { principal, holds: () => true };
}
