import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runInProcess } from '../harness/command-line.ts';
import { testDatabase } from '../support/postgres.ts';
import { scratchDirectory } from '../support/scratch.ts';

describe('init', () => {
  it('asks for environments, tries them, and writes what the next command needs, for nobody else to read', async () => {
    const cwd = await scratchDirectory('init');
    const database = await testDatabase('init');
    const url = new URL(database.url);
    const password = decodeURIComponent(url.password);
    url.password = '';
    const typed = [
      'Production!',
      'production',
      'postgresql://nobody@127.0.0.1:1/none',
      'wrong',
      'y',
      url.href,
      password,
      '',
      '',
      'staging',
      url.href.replace(/@/, `:${encodeURIComponent(password)}@`),
      'y',
      '',
      '',
      'y',
    ];
    await writeFile(join(cwd, '.env'), 'PORT=0', { mode: 0o600 });
    const ran = await runInProcess({ argv: ['init'], cwd, typed: `${typed.join('\n')}\n` });
    expect(ran.stderr).toContain('A name is letters, digits and "_"');
    expect(ran.stderr).toMatch(/Cannot connect to nobody@127\.0\.0\.1:1/);
    expect(ran.stderr).toMatch(/ production: PostgreSQL 1\d/);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toMatch(/Wrote .*\.env and .*yaml\.\nNext:\n.*doctor\n.*plan production staging\n$/);
    const env = await readFile(join(cwd, '.env'), 'utf8');
    expect(env).toMatch(
      /^PORT=0\nPRODUCTION_DATABASE_URL=.*\nPRODUCTION_PROTECTION=source-only\nSTAGING_DATABASE_URL=.*\n$/,
    );
    for (const name of ['.env', 'multiboard-sync.config.yaml'])
      expect((await stat(join(cwd, name))).mode & 0o777).toBe(0o600);
    expect(await readFile(join(cwd, 'multiboard-sync.config.yaml'), 'utf8')).toContain(
      '\npreset: multiboard\n',
    );
    // What it wrote is taken; asked again, it knows both, and changes nothing.
    const again = await runInProcess({ argv: ['init'], cwd, typed: 'staging\n\n' });
    expect(again.stderr).toContain('Known already: production, staging.');
    expect(again.stderr).toContain('There is an environment "staging" already.');
    expect(again.stdout).toContain('There was nothing to write.');
    expect(await readFile(join(cwd, '.env'), 'utf8')).toBe(env);
  });

  it('writes nothing when it is left half way, and never shows a password', async () => {
    const cwd = await scratchDirectory('init');
    const typed = 'production\npostgresql://nobody@127.0.0.1:1/none\nhunter2secret\n\u0003';
    const ran = await runInProcess({ argv: ['init'], cwd, typed });
    expect(ran.code).toBe(130);
    expect(ran.stderr + ran.stdout).not.toContain('hunter2secret');
    await expect(stat(join(cwd, '.env'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
