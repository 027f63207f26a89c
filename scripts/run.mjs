/**
 * Runs the project's commands straight after a clone: installs dependencies when they are missing or older than the
 * lock file, builds when a source is newer than the last build, then starts the command. Node's own modules only.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
const [command, ...args] = process.argv.slice(2);

/**
 * Runs one program with our terminal; on failure ends as it ended. Signals are the program's: Ctrl-C in a terminal
 * reaches it by itself, a signal sent to us alone is passed on, and we wait until it has cleaned up.
 */
async function run(program, programArgs, options = {}) {
  const child = spawn(program, programArgs, { cwd: root, stdio: 'inherit', ...options });
  const passOn = (signal) => child.kill(signal);
  const stay = () => {};
  // A terminal sends SIGINT to the whole group, so the child has it already. Without one it comes to us alone.
  process.on('SIGINT', process.stdin.isTTY ? stay : passOn);
  process.on('SIGTERM', passOn);
  process.on('SIGHUP', passOn);
  const [code, signal] = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (...ended) => resolve(ended));
  });
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(name);
  if (signal !== null) {
    process.kill(process.pid, signal);
    // The signal takes us before this matters, unless it is one that ends nobody.
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  if (code !== 0) process.exit(code ?? 1);
}

/** Installs when `node_modules` does not stand for the present lock file. */
async function install() {
  const stamp = join(root, 'node_modules', '.multiboard-sync-lock');
  const digest = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .update(process.versions.modules)
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
  process.stderr.write('Installing dependencies (npm ci) …\n');
  // npm's own chatter goes to stderr: stdout stays the command's.
  await run(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { stdio: ['ignore', 2, 2] });
  writeFileSync(stamp, digest);
}

const bin = (name) => join(root, 'node_modules', '.bin', name);

const build = () => run(process.execPath, [join(root, 'scripts', 'build.mjs'), '--if-stale']);

async function built(file, extra = []) {
  await build();
  await run(process.execPath, ['--enable-source-maps', join(root, 'dist', file), ...extra, ...args]);
}

/** Suites and files of these kinds import the sources; the others may start what people start, the build. */
const sourcesOnly = /(^|[./])(fast|pg|matrix|search)(\.test\.ts)?$/;
const named = args.filter((arg) => !arg.startsWith('-'));
const testsNeedBuild = () => named.length === 0 || !named.every((name) => sourcesOnly.test(name));

async function test(...options) {
  if (testsNeedBuild()) await build();
  await run(bin('vitest'), ['run', ...options, ...args]);
}

const commands = {
  demo: () => built('demo/main.js'),
  start: () => built('cli/bin.js', ['serve']),
  bench: () => built('bench/main.js'),
  // Every major takes minutes: they run when asked for, by a file's or a project's name or with `test:all`.
  test: () => test(...(named.every((name) => name.startsWith('!')) ? ['--project', '!matrix'] : [])),
  'test:all': () => test(),
  'test:real': async () => {
    await build();
    await run(bin('vitest'), ['run', '--config', 'vitest.real.config.ts', ...args]);
  },
  check: async () => {
    await run(bin('oxfmt'), ['--check', 'src', 'test', 'scripts', 'web']);
    await run(bin('tsc'), ['-p', 'tsconfig.json']);
    // The page's types of the API come from the build.
    await build();
    await run(bin('oxlint'), ['--type-aware', '--deny-warnings', 'src', 'test', 'scripts', 'web']);
    await run(bin('tsc'), ['-p', 'tsconfig.web.json']);
    await run(bin('depcruise'), ['dist', '--config', '.dependency-cruiser.cjs', '--output-type', 'err']);
    await run(bin('knip'), ['--no-progress']);
    await run(bin('vitest'), ['run', '--project', 'fast']);
  },
};

if (!Object.hasOwn(commands, command)) {
  process.stderr.write(`Usage: node scripts/run.mjs ${Object.keys(commands).join('|')}\n`);
  process.exit(2);
}
await install();
await commands[command]();
