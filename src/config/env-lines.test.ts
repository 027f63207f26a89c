import { chmodSync, chownSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readEnvLines } from './env-lines.ts';
import { loadConfig } from './load-config.ts';

const value = (text: string, name = 'API_KEY'): string | undefined => {
  const { faults, values } = readEnvLines(text);
  expect(faults).toEqual([]);
  return values[name];
};

describe('readEnvLines', () => {
  it.each([
    ['API_KEY="abc#def"', 'abc#def'],
    ["API_KEY='abc#def'", 'abc#def'],
    ['API_KEY=ab$cd', 'ab$cd'],
    ['API_KEY=abc # web', 'abc'],
    ["API_KEY='a#c' # web", 'a#c'],
    ['  export API_KEY = abc  ', 'abc'],
    ['API_KEY=a=b==', 'a=b=='],
    ['API_KEY=abc\r\nPORT=1\r\n', 'abc'],
    ['\uFEFFAPI_KEY=abc', 'abc'],
    ['# a "note\n\nAPI_KEY=abc\n#PORT=', 'abc'],
    [String.raw`API_KEY='a\n$(b)"c'`, String.raw`a\n$(b)"c`],
    [String.raw`API_KEY=C:\keys\one`, String.raw`C:\keys\one`],
    ['PEM="-----BEGIN\nabc=\n-----END"\nAPI_KEY=abc', 'abc'],
    ['EMPTY=\nAPI_KEY=abc', 'abc'],
    ['API_KEY=abc\nAPI_KEYS=def', 'abc'],
    ['API_KEY=abc\nARGUMENTS=--set a=b&c=d; e=f', 'abc'],
    ['CSRF_PROTECTION=true\nAPI_KEY=abc', 'abc'],
  ])('takes %j whole', (text, expected) => {
    expect(value(text)).toBe(expected);
  });

  it.each([
    ['API_KEY=#S3CR3T', 1, /nothing before its "#"/],
    ['API_KEY= # S3CR3T', 1, /nothing before its "#"/],
    ['API_KEY=abc#S3CR3T', 1, /holds a "#".*single quotes.*%23/],
    ['API_KEY=a"b#c"d', 1, /holds a "#"/],
    ['API_KEY=a"S3CR3T"', 1, /quotation mark/],
    ['API_KEY=“S3CR3T”', 1, /quotation mark/],
    ['\nSTAGING_DATABASE_URL=postgresql://u@h/db?sslrootcert=/etc/#ca.pem&sslmode=verify-full', 2, /%23/],
    ['DATA_DIRECTORY=/srv/#data/x', 1, /holds a "#"/],
    ['REDIS_URL=redis://:pa#ss@r', 1, /holds a "#"/],
    ['API_KEY="S3CR3T"def', 1, /goes on behind its closing quote/],
    ['API_KEY="a\\"S3CR3T"', 1, /goes on behind|backslash/],
    ['API_KEY="S3CR3T\nPORT=1', 1, /never closed/],
    ['OTHER="S3CR3T\nPROD_PROTECTION=source-only\nB="', 1, /several lines/],
    ['API_KEY="S3C\nR3T"', 1, /several lines/],
    ['API_KEY=S3CR3T\nPORT=1\nAPI_KEY=other', 3, /already set in line 1/],
    ['API_KEY S3CR3T', 1, /without "="/],
    ['API_KEY: S3CR3T', 1, /without "="/],
    ['API KEY=S3CR3T', 1, /space or a quote/],
    ['"API_KEY"=S3CR3T', 1, /space or a quote/],
    ['set API_KEY=S3CR3T', 1, /space or a quote/],
    ['API-KEY=S3CR3T', 1, /did you mean API_KEY/],
    ['api_key=S3CR3T', 1, /did you mean API_KEY/],
    ['API_KYE=S3CR3T', 1, /did you mean API_KEY/],
    ['PRODUCTION_DATABSE_URL=S3CR3T', 1, /did you mean PRODUCTION_DATABASE_URL/],
    ['PRODUCTION_DATABASE_URI=S3CR3T', 1, /did you mean PRODUCTION_DATABASE_URL/],
    ['PRODUCTION_PROTECTON=source-only', 1, /did you mean PRODUCTION_PROTECTION/],
    ['STAGING_TYPESENSE_API_KYE=S3CR3T', 1, /did you mean STAGING_TYPESENSE_API_KEY/],
    ['Prod_PROTECTION=source-only', 1, /did you mean PROD_PROTECTION/],
    ['prod_PROTECTION=source-only\nPROD_PROTECTION=open', 1, /did you mean PROD_PROTECTION/],
    ['EU-STAGING_DATABASE_URL=S3CR3T', 1, /did you mean EU_STAGING_DATABASE_URL/],
    ['_PROD_PROTECTION=source-only', 1, /did you mean PROD_PROTECTION/],
    ['OTHER=1\rPROD_PROTECTION=source-only', 1, /carriage return/],
    ['# note\rPROD_PROTECTION=source-only', 1, /carriage return/],
    ['OTHER=1 API_KEY=S3CR3T', 1, /OTHER has API_KEY= behind its value/],
    ['OTHER=1; export PROD_PROTECTION=source-only', 1, /has PROD_PROTECTION= behind/],
    ['DATA_DIRECTORY=/srv PROD_PROTECTION=source-only', 1, /has PROD_PROTECTION= behind/],
    ['API_KEY=', 1, /is empty/],
    ["PROD_PROTECTION=''", 1, /is empty/],
    ['API_KEY=" S3CR3T"', 1, /begins or ends with a space/],
    ['API_KEY=S3C\0R3T', 1, /cannot be seen/],
    ['API_KEY=S3C\u200BR3T', 1, /cannot be seen/],
    ['API_KEY=S3C\rPORT=1', 1, /cannot be seen/],
    ['API_KEY="S3C\\nR3T"', 1, /backslash/],
    ['API_KEY=S3CR3T\\', 1, /backslash/],
    // oxlint-disable-next-line no-template-curly-in-string -- what people write in a shell
    ['DEV_DATABASE_URL=postgresql://u:${PASSWORD}@h/d', 1, /refers to another variable/],
    ['API_KEY=$(cat /run/S3CR3T)', 1, /refers to another variable/],
    ['MULTIBOARD_SYNC_CONFIG=other.yaml', 1, /only from the process/],
  ])('refuses %j by its line, without its value', (text, line, fault) => {
    const { faults } = readEnvLines(text);
    expect(faults).toContainEqual({ line, fault: expect.stringMatching(fault) as string });
    expect(JSON.stringify(faults)).not.toContain('S3CR3T');
  });
});

describe('the files a configuration is read from', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'multiboard-sync-env-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const write = (name: string, text: string | Uint8Array, mode = 0o600): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  };
  const load = (env: Record<string, string> = {}) => loadConfig({ env, cwd: folder });

  it('are refused by name where others may write them', () => {
    write('.env', 'PORT=1234\n', 0o606);
    expect(load).toThrow(/\.env may be written by other users \(mode 606\)/);
    write('.env', 'PORT=1234\n', 0o644);
    expect(load().http.port).toBe(1234);
    write('multiboard-sync.config.yaml', 'logLevel: warn\n', 0o666);
    expect(load).toThrow(/config\.yaml may be written by other users/);
  });

  it.skipIf(process.getuid?.() !== 0)('are refused by name where they belong to another user', () => {
    chownSync(write('multiboard-sync.config.yaml', 'tables: { "*": exclude }\n'), 12_345, 12_345);
    expect(load).toThrow(/config\.yaml belongs to another user \(uid 12345\)/);
    rmSync(join(folder, 'multiboard-sync.config.yaml'));
    chownSync(write('theirs', 'PORT=1234\n'), 12_345, 12_345);
    symlinkSync(join(folder, 'theirs'), join(folder, '.env'));
    expect(load).toThrow(/\.env belongs to another user \(uid 12345\)/);
  });

  it('are UTF-8', () => {
    write('.env', Buffer.from('\uFEFFPORT=1234\n', 'utf16le'));
    expect(load).toThrow(/\.env is no UTF-8 text/);
  });

  it('do not lose a key or a protection to the process without a word', () => {
    write(
      '.env',
      "API_KEY='0123456789abcdef'\nDEV_DATABASE_URL=postgresql://h/d\nDEV_PROTECTION=source-only\n",
    );
    expect(() => load({ API_KEY: '' })).toThrow(/API_KEY is empty in the process, which would hide \.env:1/);
    expect(() => load({ DEV_PROTECTION: 'open' })).toThrow(/DEV_PROTECTION says one thing in the process/);
    expect(() => load({ DEV_PROTECTIO: 'open', QA_PROTECTON: 'source-only' })).toThrow(
      /did you mean QA_PROTECTION/,
    );
    expect(() => load({ DVE_PROTECTION: 'source-only' })).toThrow(
      /no environment "dve" is set; did you mean DEV_PROTECTION/,
    );
    expect(() => load({ LOG_LEVEL: 'warn\n' })).toThrow(/LOG_LEVEL begins or ends with a space/);
    write('multiboard-sync.config.yaml', 'environments:\n  dev: { protection: open }\n');
    expect(load).toThrow(/DEV_PROTECTION says one thing and .*config\.yaml:2 another/);
  });

  it.each(['port: 010', 'port: 0x50', 'port: 1_000', 'port: 22:22'])(
    'hold no number of two readings: %s',
    (line) => {
      write('multiboard-sync.config.yaml', `http:\n  ${line}\n`);
      expect(load).toThrow(/config\.yaml:2: a number is written with a leading 0/);
    },
  );
});
