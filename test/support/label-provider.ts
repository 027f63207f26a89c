import { execFile } from 'node:child_process';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { clientToolsDirectory } from './client-tools-directory.ts';
import { scratchDirectory } from './scratch.ts';

const run = promisify(execFile);

/**
 * Compiles label-provider.c for servers of major 18: for `shared_preload_libraries`. Throws without a compiler, or
 * without the server's headers, which come with the client tools.
 */
export async function labelProvider(): Promise<string> {
  const directory = await scratchDirectory('label');
  // The server runs as somebody else.
  await chmod(directory, 0o755);
  const library = join(directory, 'label_provider.so');
  const headers = join(await clientToolsDirectory(), '..', 'include', 'server');
  const source = fileURLToPath(new URL('./label-provider.c', import.meta.url));
  await run('cc', ['-shared', '-fPIC', '-I', headers, '-o', library, source]);
  return library;
}
