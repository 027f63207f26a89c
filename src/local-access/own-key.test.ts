import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../lib/secret.ts';
import { ownKey, ownKeyPath, readOwnKey } from './own-key.ts';
import { nameService, newServiceToken, readNamedService } from './service-file.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'multiboard-sync-key-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

describe('the key of a data directory', () => {
  it('is made once, by whoever comes first, for this user alone', async () => {
    expect(readOwnKey(directory)).toBeNull();
    const keys = await Promise.all(Array.from({ length: 8 }, () => ownKey(directory)));
    const [first = ''] = keys.map((key) => key.reveal());
    expect(first).toMatch(/^[\w-]{43}$/);
    expect(new Set(keys.map((key) => key.reveal()))).toEqual(new Set([first]));
    expect(readOwnKey(directory)?.reveal()).toBe(first);
    expect(statSync(ownKeyPath(directory)).mode & 0o777).toBe(0o600);
    expect(readdirSync(directory)).toEqual(['api-key']);
  });

  it.each<[string, (path: string) => void, RegExp]>([
    ['cut short', (path) => writeFileSync(path, '', { mode: 0o600 }), /does not hold the key/],
    [
      'of something else',
      (path) => writeFileSync(path, 'root:x:0:0', { mode: 0o600 }),
      /does not hold the key/,
    ],
    [
      'that others may read',
      (path) => writeFileSync(path, 'a'.repeat(43), { mode: 0o644 }),
      /other users \(mode 644\)/,
    ],
    ['that a group may write', (path) => chmodSync(path, 0o620), /other users \(mode 620\)/],
    [
      'behind a link',
      (path) => {
        writeFileSync(`${path}.theirs`, 'a'.repeat(43), { mode: 0o600 });
        symlinkSync(`${path}.theirs`, path);
      },
      /is a link/,
    ],
    ['behind a link to nothing', (path) => symlinkSync(`${path}.nowhere`, path), /is a link/],
    ['that is a folder', (path) => mkdirSync(path), /no plain file/],
  ])('is neither believed nor written over where it is one %s', async (_what, plant, message) => {
    const path = ownKeyPath(directory);
    if (plant.toString().includes('chmod')) writeFileSync(path, 'a'.repeat(43), { mode: 0o600 });
    plant(path);
    await expect(ownKey(directory)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(message),
    });
    expect(() => readOwnKey(directory)).toThrow(message);
  });

  it.skipIf(process.getuid?.() !== 0)('is refused by name where it is another user’s', () => {
    writeFileSync(ownKeyPath(directory), 'a'.repeat(43), { mode: 0o600 });
    chownSync(ownKeyPath(directory), 12_345, 12_345);
    expect(() => readOwnKey(directory)).toThrow(/api-key belongs to another user \(uid 12345/);
  });
});

describe('the service that a data directory names', () => {
  const service = { url: 'http://127.0.0.1:3000', token: newServiceToken() };

  it('is there while it runs, and a later one stays when it goes', async () => {
    expect(readNamedService(directory)).toBeNull();
    const leave = await nameService(directory, service);
    expect(readNamedService(directory)).toEqual(service);
    expect(readNamedService(directory)?.token.reveal()).toBe(service.token.reveal());
    expect(statSync(join(directory, 'service.json')).mode & 0o777).toBe(0o600);
    const later = { url: 'http://127.0.0.1:4000', token: newServiceToken() };
    const leaveLater = await nameService(directory, later);
    await leave();
    expect(readNamedService(directory)?.url).toBe(later.url);
    await leaveLater();
    expect(readNamedService(directory)).toBeNull();
  });

  it.each([
    '',
    '{',
    '{"url":"http://127.0.0.1:3000"}',
    `{"url":"https://elsewhere.example.org","token":"${'a'.repeat(43)}"}`,
    `{"url":"file:///etc/passwd","token":"${'a'.repeat(43)}"}`,
  ])('is not made out of %j', (text) => {
    writeFileSync(join(directory, 'service.json'), text, { mode: 0o600 });
    expect(() => readNamedService(directory)).toThrow(/does not say where the service is/);
  });

  it('is not believed where others can write it, nor shown', () => {
    const secret = new Secret('a'.repeat(43));
    const path = join(directory, 'service.json');
    writeFileSync(path, JSON.stringify({ ...service, token: secret.reveal() }), { mode: 0o600 });
    expect(JSON.stringify(readNamedService(directory))).not.toContain(secret.reveal());
    chmodSync(path, 0o602);
    expect(() => readNamedService(directory)).toThrow(/other users \(mode 602\)/);
    // Another name of the same file tells nothing of its content either.
    chmodSync(path, 0o600);
    linkSync(path, ownKeyPath(directory));
    expect(readFileSync(ownKeyPath(directory), 'utf8')).toContain(secret.reveal());
    expect(() => readOwnKey(directory)).toThrow(expect.not.stringContaining(secret.reveal()));
  });
});
