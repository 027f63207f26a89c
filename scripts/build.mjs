/**
 * Compiles `src` to `dist`, copies the SQL files beside the code that reads them, bundles the command line, and makes
 * the page. `--if-stale` skips a fresh build.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, renameSync, rmSync, statSync, chmodSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const source = join(root, 'src');
const output = join(root, 'dist');
const marker = join(output, 'cli', 'bin.js');
const filesIn = (folder) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
const files = filesIn('src');

if (process.argv.includes('--if-stale') && existsSync(marker)) {
  const builtAt = statSync(marker).mtimeMs;
  const settings = ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json'];
  const inputs = [
    ...files,
    ...filesIn('web'),
    ...filesIn('scripts'),
    ...settings.map((name) => join(root, name)),
  ];
  if (inputs.every((file) => statSync(file).mtimeMs <= builtAt)) process.exit(0);
}

// Built aside and moved into place, so that a service or a test that runs from `dist` never finds half of it.
const fresh = `${output}-${process.pid}`;
const stale = `${fresh}-old`;
try {
  const compiler = join(root, 'node_modules', '.bin', 'tsc');
  const options = ['-p', 'tsconfig.build.json', '--outDir', fresh];
  const compiled = spawnSync(compiler, options, { cwd: root, stdio: 'inherit' });
  if (compiled.status !== 0) process.exitCode = compiled.status ?? 1;
  else {
    copySql();
    // Loaded when there is something to build: most of the time everything is fresh.
    const [{ writeApiTypes }, { bundle }, { buildPage }] = await Promise.all([
      import('./api-types.mjs'),
      import('./bundle.mjs'),
      import('./page.mjs'),
    ]);
    await Promise.all([bundle(fresh), writeApiTypes(fresh), buildPage(root, join(fresh, 'web'))]);
    place();
  }
} finally {
  rmSync(fresh, { recursive: true, force: true });
  rmSync(stale, { recursive: true, force: true });
}

function copySql() {
  for (const file of files.filter((name) => name.endsWith('.sql'))) {
    cpSync(file, join(fresh, file.slice(source.length + 1)));
  }
}

function place() {
  chmodSync(join(fresh, 'cli', 'bin.js'), 0o755);
  if (existsSync(output)) renameSync(output, stale);
  renameSync(fresh, output);
}
