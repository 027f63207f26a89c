import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile, readdir, readlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { signalProcess } from '../src/lib/processes.ts';
import { builtFile } from './support/built.ts';
import { lacks } from './support/lacks.ts';
import { scratchDirectory } from './support/scratch.ts';

const patience = { timeout: 150_000, interval: 50 };
const temporary = await scratchDirectory('demo');
afterAll(() => rm(temporary, { recursive: true, force: true }));

interface Demo {
  readonly child: ChildProcess;
  /** Everything it printed, both outputs. */
  text(): string;
  /** Resolves when it has printed this. */
  says(text: string | RegExp): Promise<void>;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

/** Starts the demo as `npm run demo` does after its build, with a temporary folder of its own to look for leftovers. */
function startDemo(...args: string[]): Demo {
  const child = spawn(process.execPath, [builtFile('demo/main.js'), '--parts', '200', ...args], {
    env: { ...process.env, TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
  }
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal }));
  // One that a failed test left running would be what the next one finds.
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGINT');
    await ended;
  });
  return {
    child,
    text: () => text,
    says: (wanted) => expect.poll(() => text, patience).toMatch(wanted),
    ended,
  };
}

/** Command lines of processes that work in or below the temporary folder. */
async function processes(): Promise<{ readonly pid: number; readonly command: string }[]> {
  const found: { pid: number; command: string }[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const place = await readlink(`/proc/${name}/cwd`);
      if (!place.startsWith(temporary)) continue;
      const command = (await readFile(`/proc/${name}/cmdline`, 'utf8')).replaceAll('\0', ' ');
      found.push({ pid: Number(name), command });
    } catch {
      // Ended while we looked.
    }
  }
  return found;
}

async function servicePid(): Promise<number> {
  const service = (await processes()).find(({ command }) => command.includes('bin.js serve'));
  return service!.pid;
}

async function expectNothingLeft(): Promise<void> {
  expect(await processes()).toEqual([]);
  expect(await readdir(temporary)).toEqual([]);
}

describe.skipIf(process.platform !== 'linux')('the demo', () => {
  test('shows the receipt (every table equal, every collection verified) and stays up until Ctrl-C, which leaves no process and no folder', async () => {
    const demo = startDemo();
    await demo.says('The page');
    expect(demo.text()).toContain('production now equals staging');
    expect(demo.text()).toMatch(/_AttributeValueToPart +\d/);
    expect(demo.text()).toMatch(/ListPart .* kept/);
    expect(demo.text()).not.toContain(' NO');
    if (!lacks('typesense')) expect(demo.text()).toMatch(/components +components__/);
    const [, page] = /The page +(\S+)/.exec(demo.text())!;
    const [, key] = /Its API key +(\S+)/.exec(demo.text())!;
    expect((await fetch(page!)).status).toBe(200);
    const jobs = await fetch(new URL('/api/jobs', page), { headers: { authorization: `Bearer ${key}` } });
    expect(((await jobs.json()) as { jobs: unknown[] }).jobs).toHaveLength(1);
    demo.child.kill('SIGINT');
    expect(await demo.ended, demo.text()).toEqual({ code: 0, signal: null });
    await expectNothingLeft();
  });

  test.each(['Creating staging', 'Load rows'])('Ctrl-C at "%s" leaves nothing either', async (moment) => {
    const demo = startDemo();
    await demo.says(moment);
    demo.child.kill('SIGINT');
    expect(await demo.ended, demo.text()).toEqual({ code: 130, signal: null });
    await expectNothingLeft();
  });

  test('a service that is killed is started again, its job goes on to the receipt, and --exit ends with it', async () => {
    const demo = startDemo('--exit');
    await demo.says('Read the source');
    signalProcess(await servicePid(), 'SIGKILL');
    expect(await demo.ended, demo.text()).toEqual({ code: 0, signal: null });
    expect(demo.text()).toContain('The service was killed; starting it again.');
    expect(demo.text()).toContain('production now equals staging');
    await expectNothingLeft();
  });

  test('says so when the service ends by itself, with the end of its log', async () => {
    const demo = startDemo();
    await demo.says('The page');
    signalProcess(await servicePid(), 'SIGTERM');
    expect((await demo.ended).code, demo.text()).toBe(70);
    expect(demo.text()).toContain('The service ended by itself. Its log ends with:');
    await expectNothingLeft();
  });

  test('no process outlives a demo that is killed', async () => {
    const demo = startDemo();
    await demo.says('Starting the service');
    demo.child.kill('SIGKILL');
    await demo.ended;
    await expect.poll(processes, patience).toEqual([]);
    for (const name of await readdir(temporary)) await rm(join(temporary, name), { recursive: true });
  });

  test('refuses what it does not know', async () => {
    const demo = startDemo('--part', '7');
    expect((await demo.ended).code).toBe(2);
    expect(demo.text()).toContain('Usage: npm run demo');
  });
});
