import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runInProcess } from '../../../test/harness/command-line.ts';
import type { Ran } from '../../../test/harness/command-line.ts';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'multiboard-sync-cli-'));
});
afterEach(() => {
  rmSync(cwd, { recursive: true });
});

const run = (argv: readonly string[]): Promise<Ran> =>
  runInProcess({
    argv,
    cwd,
    env: {
      STAGING_DATABASE_URL: 'postgresql://me:S3CR3T@h/staging',
      DATA_DIRECTORY: join(cwd, 'data'),
    },
    interrupts: () => {},
    typed: null,
  });

describe('tokens', () => {
  it('are made, shown once, listed and revoked without a service', async () => {
    const made = await run([
      'tokens',
      'create',
      'ci',
      '--scope',
      'operate',
      '--environment',
      'staging',
      '--expires',
      '90',
    ]);
    expect([made.code, made.stdout]).toEqual([0, expect.stringMatching(/^mbs_ci_[0-9a-f]{64}\n$/)]);
    expect(made.stderr).toMatch(/"ci" \(operate, staging, expires 20/);
    const listed = await run(['tokens']);
    expect(listed.stdout).toMatch(/ci +operate +staging +20\S+ \S+ +never/);
    expect(listed.stdout).not.toContain('mbs_');
    expect((await run(['tokens', 'revoke', 'ci'])).stdout).toBe('Token "ci" is revoked.\n');
    expect((await run(['tokens'])).stdout).toBe('There is no named token.\n');
    expect((await run(['tokens', 'revoke', 'ci'])).code).toBe(2);
  });

  it('are shown also where the audit log takes no line, which is said', async () => {
    mkdirSync(join(cwd, 'data', 'audit.log'), { recursive: true, mode: 0o700 });
    const made = await run(['tokens', 'create', 'ci', '--scope', 'read']);
    expect([made.code, made.stdout]).toEqual([0, expect.stringMatching(/^mbs_ci_[0-9a-f]{64}\n$/)]);
    expect(made.stderr).toMatch(/warn: the token was made, but the audit log .*STORAGE_/);
  });

  it.each([
    [['--scope', 'operate', '--environment', 'stagin'], /staging/, 3],
    [['--scope', 'read', '--environment', 'staging'], /writes to none/, 2],
    [['--scope', 'root'], /read, operate, admin/, 2],
    [['--scope', 'read', '--expires', '0'], /whole number of days/, 2],
    [[], /--scope/, 2],
  ])('are not made with %j', async (options, words, exitCode) => {
    const refused = await run(['tokens', 'create', 'ci', ...options]);
    expect([refused.code, refused.stdout]).toEqual([exitCode, '']);
    expect(refused.stderr).toMatch(words);
  });
});
