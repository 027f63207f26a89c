import { readdirSync, readFileSync, statSync, writeFileSync, chmodSync, rmSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TokenStore } from './tokens.ts';
import type { NewToken, Token } from './tokens.ts';

const dayMs = 86_400_000;
let directory: string;
let now: number;
let troubles: unknown[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'multiboard-sync-tokens-'));
  now = 1_790_000_000_000;
  troubles = [];
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

const storeOf = (): TokenStore =>
  new TokenStore({
    dataDirectory: directory,
    now: () => now,
    onTrouble: (error) => troubles.push(error),
  });
const asked = (more: Partial<NewToken> = {}): NewToken => ({
  name: 'ci',
  scope: 'operate',
  environments: ['staging'],
  expiresAt: null,
  createdBy: 'API_KEY',
  ...more,
});
const fileOf = (name: string): string => join(directory, 'tokens', `${name}.json`);
const refusal = (code: string, message = /./): unknown =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });

describe('the named tokens', () => {
  it('are told once, kept by their digest, in files of this user alone', async () => {
    const { token, secret } = await storeOf().create(asked());
    const expected: Token = {
      name: 'ci',
      scope: 'operate',
      environments: ['staging'],
      createdAt: now,
      createdBy: 'API_KEY',
      expiresAt: null,
      expired: false,
      lastUsedAt: null,
    };
    expect(token).toEqual(expected);
    expect(secret.reveal()).toMatch(/^mbs_ci_[0-9a-f]{64}$/);
    expect(storeOf().find(secret.reveal())).toEqual(expected);
    const [, , random = ''] = secret.reveal().split('_');
    expect(readdirSync(join(directory, 'tokens'))).toEqual(['ci.json']);
    expect(readFileSync(fileOf('ci'), 'utf8')).not.toContain(random);
    expect(statSync(fileOf('ci')).mode & 0o777).toBe(0o600);
    expect(statSync(join(directory, 'tokens')).mode & 0o777).toBe(0o700);
    expect(JSON.stringify(await storeOf().list())).not.toMatch(/sha256|[0-9a-f]{64}/);
  });

  it('are none that only look like one', async () => {
    const store = storeOf();
    const { secret } = await store.create(asked());
    const other = await store.create(asked({ name: 'ci-2' }));
    const [text, strange] = [secret.reveal(), other.secret.reveal()];
    const mixed = `mbs_ci_${strange.slice(-64)}`;
    const traversing = `mbs_../tokens/ci_${text.slice(-64)}`;
    for (const wrong of ['', 'mbs_ci_', text.slice(0, -1), `${text}0`, text.toUpperCase(), mixed, traversing])
      expect(store.find(wrong)).toBeNull();
  });

  it('hold in every process until one revokes them, also one of the same name that comes after', async () => {
    const [here, there] = [storeOf(), storeOf()];
    const { secret } = await here.create(asked());
    expect(there.find(secret.reveal())?.name).toBe('ci');
    await expect(there.create(asked({ scope: 'admin', environments: null }))).rejects.toEqual(
      refusal('CONFLICT_STATE'),
    );
    await there.revoke('ci');
    expect(here.find(secret.reveal())).toBeNull();
    await expect(here.revoke('ci')).rejects.toEqual(refusal('USAGE_NOT_FOUND'));
    const again = await here.create(asked());
    expect(there.find(secret.reveal())).toBeNull();
    expect(there.find(again.secret.reveal())?.name).toBe('ci');
  });

  it('of one name made at once by many is one', async () => {
    const made = await Promise.allSettled(Array.from({ length: 8 }, () => storeOf().create(asked())));
    expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await storeOf().list()).toHaveLength(1);
  });

  it('end when they have said', async () => {
    const store = storeOf();
    const { secret } = await store.create(asked({ expiresAt: now + dayMs }));
    now += dayMs - 1;
    expect(store.find(secret.reveal())?.expired).toBe(false);
    now += 1;
    expect(store.find(secret.reveal())).toBeNull();
    expect(await store.list()).toMatchObject([{ name: 'ci', expired: true }]);
  });

  it('have their last use written down once a minute, not more', async () => {
    const store = storeOf();
    const { token, secret } = await store.create(asked());
    const lastUse = async (): Promise<number | null | undefined> => (await storeOf().list())[0]?.lastUsedAt;
    store.noteUse(token);
    const first = now;
    expect(await lastUse()).toBe(first);
    now += 59_000;
    store.noteUse(token);
    expect(await lastUse()).toBe(first);
    now += 1_000;
    store.noteUse(token);
    expect(await lastUse()).toBe(now);
    expect(statSync(`${fileOf('ci')}.used`).mode & 0o777).toBe(0o600);
    await store.revoke('ci');
    expect(readdirSync(join(directory, 'tokens'))).toEqual([]);
    // One that was revoked meanwhile, whose directory is gone: told, and no reason to refuse.
    rmSync(join(directory, 'tokens'), { recursive: true });
    now += 60_000;
    store.noteUse(token);
    expect(troubles).toMatchObject([{ code: 'ENOENT' }]);
    expect(store.find(secret.reveal())).toBeNull();
  });

  it.each<[string, Partial<NewToken>, RegExp]>([
    ['a name that is a path', { name: '../ci' }, /name/],
    ['environments of a reader', { scope: 'read' }, /writes to none/],
    ['environments of an admin', { scope: 'admin' }, /has all/],
    ['no environment at all', { environments: [] }, /no environment/],
    ['an end that is over', { expiresAt: 1 }, /expired/],
  ])('are not made with %s', async (_what, more, words) => {
    await expect(storeOf().create(asked(more))).rejects.toEqual(refusal('USAGE_INVALID', words));
    expect(await storeOf().list()).toEqual([]);
  });

  it('are listed where one of them cannot be read, which is told and can be revoked', async () => {
    const store = storeOf();
    for (const name of ['ci', 'cut', 'web']) await store.create(asked({ name }));
    writeFileSync(fileOf('cut'), '{"version":1,');
    expect((await storeOf().list()).map(({ name }) => name)).toEqual(['ci', 'web']);
    expect(await storeOf().damaged()).toMatchObject([{ name: 'cut', message: expect.any(String) }]);
    await storeOf().revoke('cut');
    expect(await storeOf().damaged()).toEqual([]);
  });

  it('are believed only in whole files of this user alone', async () => {
    const store = storeOf();
    const { secret } = await store.create(asked());
    const text = readFileSync(fileOf('ci'), 'utf8');
    writeFileSync(fileOf('ci'), text.slice(0, 40));
    expect(() => store.find(secret.reveal())).toThrow(refusal('CONFIG_INVALID'));
    writeFileSync(fileOf('ci'), text.replace('"operate"', '"root"'));
    expect(() => store.find(secret.reveal())).toThrow(refusal('CONFIG_INVALID'));
    writeFileSync(fileOf('ci'), text);
    chmodSync(fileOf('ci'), 0o640);
    expect(() => store.find(secret.reveal())).toThrow(refusal('CONFIG_INVALID', /other users/));
  });
});
