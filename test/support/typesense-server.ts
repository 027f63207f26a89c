import { rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { findTypesense } from '../../src/demo/typesense-binary.ts';
import { startTypesense } from '../../src/demo/typesense-server.ts';
import type { RunningTypesense } from '../../src/demo/typesense-server.ts';
import { freePort } from '../../src/lib/free-port.ts';
import { Secret } from '../../src/lib/secret.ts';
import { scratchDirectory } from './scratch.ts';

export interface TestTypesense {
  readonly url: string;
  readonly apiKey: string;
  kill(): Promise<void>;
  /** Starts again on the same port and data, as after a crash. */
  restart(): Promise<void>;
  /** Stops it and removes its data. */
  stop(): Promise<void>;
}

/** Throws with the reason when none can be had. */
export async function testTypesenseBinary(): Promise<string> {
  const { TYPESENSE_SERVER, PATH, XDG_CACHE_HOME } = process.env;
  const cacheDirectory = join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'multiboard-sync');
  const binary = await findTypesense({ own: TYPESENSE_SERVER, searchPath: PATH, cacheDirectory });
  if (!binary.found) throw new Error(binary.reason);
  return binary.path;
}

export async function launchTypesense(flags: Readonly<Record<string, string>> = {}): Promise<TestTypesense> {
  const path = await testTypesenseBinary();
  const directory = await scratchDirectory('typesense');
  const apiKey = new Secret('test-typesense-key');
  // The same across restarts: a node that comes back under another peering address waits 15 s for its old self.
  const peering = { 'peering-port': `${await freePort()}` };
  const start = (port?: number): Promise<RunningTypesense> =>
    startTypesense({ path, directory, apiKey, port, flags: { ...peering, ...flags } });
  let server = await start();
  const { port } = server;
  return {
    url: server.url,
    apiKey: apiKey.reveal(),
    kill: () => server.kill(),
    restart: async () => {
      await server.kill();
      server = await start(port);
    },
    stop: async () => {
      // A clean end takes seconds to write what is thrown away next.
      await server.kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
