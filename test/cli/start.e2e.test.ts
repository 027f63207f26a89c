import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { builtFile } from '../support/built.ts';

/** Everything that a file of the build imports statically: packages, and its chunks with theirs. */
function packagesOf(file: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(file)) return new Set();
  seen.add(file);
  const packages = new Set<string>();
  for (const [, from = ''] of readFileSync(file, 'utf8').matchAll(
    /^(?:import|export) (?:.* from )?"([^"]+)";$/gm,
  )) {
    if (from.startsWith('.'))
      for (const name of packagesOf(join(dirname(file), from), seen)) packages.add(name);
    else if (!from.startsWith('node:')) packages.add(from);
  }
  return packages;
}

describe('the start of a command', () => {
  it('loads the packages that every command needs, and no other', () => {
    expect([...packagesOf(builtFile('cli/bin.js'))].toSorted()).toEqual(['commander', 'zod']);
  });

  it('reads no SQL file', () => {
    expect(readFileSync(builtFile('cli/bin.js'), 'utf8')).not.toMatch(/(?<!`)sqlFile\(import\.meta\.url/);
  });

  it('leads from an error to the line of the source', () => {
    const broken = `import(${JSON.stringify(builtFile('cli/bin.js'))})`;
    const script = `process.stdout.write = () => { throw new Error('planted'); }; void ${broken}.catch(() => {});`;
    const run = (): string =>
      execFileSync(process.execPath, ['--enable-source-maps', '--eval', script], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      });
    expect(run).toThrow(/src\/cli\/io\.ts:\d+/);
  });
});
