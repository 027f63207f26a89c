/** Compiles `src` to `dist` and copies the SQL files beside the code that reads them. `--if-stale` skips a fresh build. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, rmSync, statSync, chmodSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const source = join(root, 'src');
const output = join(root, 'dist');
const marker = join(output, 'cli', 'bin.js');
const files = readdirSync(source, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name));

if (process.argv.includes('--if-stale') && existsSync(marker)) {
  const builtAt = statSync(marker).mtimeMs;
  const inputs = [...files, join(root, 'tsconfig.json'), join(root, 'tsconfig.build.json')];
  if (inputs.every((file) => statSync(file).mtimeMs <= builtAt)) process.exit(0);
}

rmSync(output, { recursive: true, force: true });
const compiler = join(root, 'node_modules', '.bin', 'tsc');
const compiled = spawnSync(compiler, ['-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
if (compiled.status !== 0) {
  rmSync(output, { recursive: true, force: true });
  process.exit(compiled.status ?? 1);
}
for (const file of files.filter((name) => name.endsWith('.sql'))) {
  cpSync(file, join(output, file.slice(source.length + 1)));
}
chmodSync(marker, 0o755);
