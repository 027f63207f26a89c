import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const scripts = join(import.meta.dirname, '../../scripts');
const children: ChildProcess[] = [];
let root = '';

/** A project with nothing but our script, an up-to-date install and a build whose program is `source`. */
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'multiboard-sync-run-'));
  for (const folder of ['scripts', 'node_modules', 'dist/cli'])
    await mkdir(join(root, folder), { recursive: true });
  await cp(join(scripts, 'run.mjs'), join(root, 'scripts', 'run.mjs'));
  await writeFile(join(root, 'package.json'), '{ "type": "module" }');
  await writeFile(join(root, 'scripts', 'build.mjs'), '');
  await writeFile(join(root, 'package-lock.json'), '{}');
  const lock = await readFile(join(root, 'package-lock.json'));
  const stamp = createHash('sha256').update(lock).update(process.versions.modules).digest('hex');
  await writeFile(join(root, 'node_modules', '.multiboard-sync-lock'), stamp);
});
afterAll(async () => {
  // The script passes it on to its program, so a failed test leaves neither.
  for (const child of children) child.kill('SIGTERM');
  await rm(root, { recursive: true });
});

async function startScript(source: string): Promise<{ child: ChildProcess; text: () => string }> {
  await writeFile(join(root, 'dist', 'cli', 'bin.js'), source);
  const child = spawn(process.execPath, [join(root, 'scripts', 'run.mjs'), 'start'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  children.push(child);
  return { child, text: () => text };
}

describe.skipIf(process.platform === 'win32')('npm start, demo and bench', { timeout: 30_000 }, () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s reaches the program, which ends in its own time',
    async (signal) => {
      const { child, text } = await startScript(`
      process.on('${signal}', () => setTimeout(() => { console.log('cleaned up'); process.exit(7); }, 50));
      setInterval(() => {}, 1e6);
      console.log('ready', process.argv[2]);`);
      await expect.poll(text, { timeout: 20_000 }).toContain('ready serve');
      child.kill(signal);
      expect(await once(child, 'close')).toEqual([7, null]);
      expect(text()).toContain('cleaned up');
    },
  );

  test('a program that a signal ended is told of as such', async () => {
    const { child } = await startScript(`process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1e6);`);
    expect(await once(child, 'close')).toEqual([null, 'SIGTERM']);
  });

  test('the exit code is the program’s', async () => {
    const { child } = await startScript('process.exit(20);');
    expect(await once(child, 'close')).toEqual([20, null]);
  });
});

describe.skipIf(process.platform === 'win32')('npm test', () => {
  const leftOut = ['--project', '!matrix'];

  test.each([
    ['test', [], leftOut],
    ['test', ['--project', '!fast'], [...leftOut, '--project', '!fast']],
    ['test', ['--project', 'matrix'], ['--project', 'matrix']],
    ['test', ['test/catalog'], ['test/catalog']],
    ['test:all', [], []],
    ['test:all', ['--project', '!fast'], ['--project', '!fast']],
  ])('%s %j runs every major only when asked', async (command, args, expected) => {
    const vitest = join(root, 'node_modules', '.bin', 'vitest');
    await mkdir(dirname(vitest), { recursive: true });
    await writeFile(vitest, '#!/usr/bin/env node\nconsole.log(JSON.stringify(process.argv.slice(2)));', {
      mode: 0o755,
    });
    const { stdout } = await promisify(execFile)(process.execPath, [
      join(root, 'scripts', 'run.mjs'),
      command,
      ...args,
    ]);
    expect(JSON.parse(stdout)).toEqual(['run', ...expected]);
  });
});
