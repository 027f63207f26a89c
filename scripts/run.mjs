/**
 * Runs the project's commands straight after a clone: installs dependencies when they are missing or older than the
 * lock file, builds when a source is newer than the last build, then starts the command. Node's own modules only.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
const [command, ...args] = process.argv.slice(2);

/** Runs one program with our terminal; on failure ends with its exit code. */
function run(program, programArgs, options = {}) {
  const result = spawnSync(program, programArgs, { cwd: root, stdio: 'inherit', ...options });
  if (result.error) throw result.error;
  if (result.status !== 0) process.exit(result.status ?? 1);
}

/** Installs when `node_modules` does not stand for the present lock file. */
function install() {
  const stamp = join(root, 'node_modules', '.multiboard-sync-lock');
  const digest = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .update(process.versions.modules)
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
  process.stderr.write('Installing dependencies (npm ci) …\n');
  // npm's own chatter goes to stderr: stdout stays the command's.
  run(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { stdio: ['ignore', 2, 2] });
  writeFileSync(stamp, digest);
}

const bin = (name) => join(root, 'node_modules', '.bin', name);
const built = (file, extra = []) => {
  run(process.execPath, [join(root, 'scripts', 'build.mjs'), '--if-stale']);
  // The child owns the terminal's signals: it has to clean up before we leave.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => {});
  run(process.execPath, ['--enable-source-maps', join(root, 'dist', file), ...extra, ...args]);
};

const commands = {
  demo: () => built('demo/main.js'),
  start: () => built('cli/bin.js', ['serve']),
  bench: () => built('bench/main.js'),
  test: () => {
    run(process.execPath, [join(root, 'scripts', 'build.mjs'), '--if-stale']);
    run(bin('vitest'), ['run', ...args]);
  },
  check: () => {
    run(bin('oxfmt'), ['--check', 'src', 'test', 'scripts', 'web']);
    run(bin('oxlint'), ['--type-aware', '--deny-warnings', 'src', 'test', 'scripts']);
    run(bin('tsc'), ['-p', 'tsconfig.json']);
    run(bin('depcruise'), ['src', '--config', '.dependency-cruiser.cjs', '--output-type', 'err']);
    run(bin('knip'), ['--no-progress']);
    run(bin('vitest'), ['run', '--project', 'fast']);
  },
};

if (!Object.hasOwn(commands, command)) {
  process.stderr.write(`Usage: node scripts/run.mjs ${Object.keys(commands).join('|')}\n`);
  process.exit(2);
}
install();
commands[command]();
