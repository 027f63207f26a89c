import { beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../lib/secret.ts';
import { adminPass, createDoor } from './door.ts';
import type { Door } from './door.ts';

const minuteMs = 60_000;
let now = 0;
let door: Door;
let tokenHolds = true;
const asker = adminPass('API_KEY');
beforeEach(() => {
  now = 1_700_000_000_000;
  tokenHolds = true;
  door = createDoor({
    keys: [
      { key: new Secret('key'), actor: 'API_KEY' },
      { key: new Secret('token'), actor: 'the command line' },
    ],
    tokens: {
      find: (text) =>
        text === 'mbs_ci' && tokenHolds
          ? {
              name: 'ci',
              scope: 'operate',
              environments: ['staging'],
              createdAt: 0,
              createdBy: '',
              expiresAt: null,
              expired: false,
              lastUsedAt: null,
            }
          : null,
      noteUse: () => {},
    },
    localOnly: true,
    now: () => now,
  });
});

const refused = expect.objectContaining({ code: 'AUTH_KEY_MISSING' });
const admits = (presented: string | null): boolean => {
  try {
    door.admit(presented);
    return true;
  } catch (error) {
    expect(error).toEqual(refused);
    return false;
  }
};

describe('the door', () => {
  it('opens to each key and to nobody else', () => {
    expect([null, '', 'Key', 'key ', 'keytoken'].map(admits)).toEqual([false, false, false, false, false]);
    expect(['key', 'token'].map(admits)).toEqual([true, true]);
  });

  it('lets a link in once, and neither the link nor what it was exchanged for is the other', () => {
    const code = door.newLink(asker).code.reveal();
    expect(admits(code)).toBe(false);
    const pass = door.redeem(code).reveal();
    expect(admits(pass)).toBe(true);
    expect(admits(pass)).toBe(true);
    for (const again of [code, pass, '', 'key']) expect(() => door.redeem(again)).toThrow(refused);
  });

  it('lets no link in after 10 minutes', () => {
    const early = door.newLink(asker);
    const late = door.newLink(asker).code.reveal();
    expect(early.expiresAt).toBe(now + 10 * minuteMs);
    now += 10 * minuteMs - 1;
    door.redeem(early.code.reveal());
    now += 1;
    expect(() => door.redeem(late)).toThrow(refused);
  });

  it('forgets a page that was left alone for 12 hours', () => {
    const pass = door.redeem(door.newLink(asker).code.reveal()).reveal();
    for (let hours = 0; hours < 36; hours += 11) {
      now += 11 * 60 * minuteMs;
      expect(admits(pass)).toBe(true);
    }
    now += 12 * 60 * minuteMs;
    expect(admits(pass)).toBe(false);
  });

  it('keeps a limited number of links and pages, the newest', () => {
    const links = Array.from({ length: 40 }, () => door.newLink(asker).code.reveal());
    expect(() => door.redeem(links[0] ?? '')).toThrow(refused);
    door.redeem(links.at(-1) ?? '');
    const pass = door.redeem(door.newLink(asker).code.reveal()).reveal();
    for (let n = 0; n < 256; n += 1) door.redeem(door.newLink(asker).code.reveal());
    expect(admits(pass)).toBe(false);
  });

  it('opens the page for a token’s holder as far and as long as the token does', () => {
    const [link, late] = [door.newLink(door.admit('mbs_ci')), door.newLink(door.admit('mbs_ci'))];
    const session = door.redeem(link.code.reveal()).reveal();
    const pass = door.admit(session);
    expect(pass.principal).toEqual({ actor: 'token ci', scope: 'operate', environments: ['staging'] });
    expect(pass.holds()).toBe(true);
    tokenHolds = false;
    expect(pass.holds()).toBe(false);
    expect(admits(session)).toBe(false);
    expect(() => door.redeem(late.code.reveal())).toThrow(refused);
  });

  it('says who comes in with which key', () => {
    expect(['key', 'token'].map((key) => door.admit(key).principal)).toEqual([
      { actor: 'API_KEY', scope: 'admin', environments: null },
      { actor: 'the command line', scope: 'admin', environments: null },
    ]);
  });
});
