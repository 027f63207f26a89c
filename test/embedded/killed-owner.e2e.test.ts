import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { processesIn } from '../../src/lib/processes.ts';
import { startPostgres } from '../../src/embedded/start-postgres.ts';
import { builtFile } from '../support/built.ts';
import { scratchDirectory } from '../support/scratch.ts';

test('ends when the process that started it is killed', async () => {
  const directory = await scratchDirectory('killed-owner');
  const program = `
    import { startPostgres } from ${JSON.stringify(builtFile('embedded/start-postgres.js'))};
    const server = await startPostgres({ directory: ${JSON.stringify(directory)} });
    console.log('ready');
    setInterval(() => {}, 1e6);`;
  const owner = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(owner.stdout, 'data');
  expect((await processesIn(join(directory, 'data'))).length).toBeGreaterThan(0);
  owner.kill('SIGKILL');
  await expect
    .poll(() => processesIn(join(directory, 'data')), { timeout: 20_000, interval: 50 })
    .toEqual([]);
  const server = await startPostgres({ directory });
  await server.stop();
  await rm(directory, { recursive: true });
});
