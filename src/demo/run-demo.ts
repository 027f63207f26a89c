import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { renderReceipt } from '../cli/render/receipt.ts';
import { serviceClient } from '../cli/service-client.ts';
import { startPostgres } from '../embedded/start-postgres.ts';
import { freePort } from '../lib/free-port.ts';
import type { Releasers } from '../lib/releasers.ts';
import { Secret } from '../lib/secret.ts';
import { countInWords } from '../progress/words.ts';
import { createDemoDatabases, demoDatabaseUrl } from './demo-databases.ts';
import { keepService } from './keep-service.ts';
import { runSync } from './run-sync.ts';
import type { SyncOutput } from './run-sync.ts';
import { findTypesense } from './typesense-binary.ts';
import { startTypesense } from './typesense-server.ts';
import type { RunningTypesense } from './typesense-server.ts';

export interface DemoInput {
  readonly parts: number;
  /** End after the receipt. */
  readonly exit: boolean;
  /** Empty, ours; removed by the caller. */
  readonly directory: string;
  /** Variables a program needs to run, such as PATH; nothing else of ours reaches the service. */
  readonly surroundings: Readonly<NodeJS.ProcessEnv>;
  readonly typesense: {
    readonly own: string | undefined;
    readonly searchPath: string | undefined;
    readonly cacheDirectory: string;
  };
}

export interface DemoDeps {
  /** What is started registers its end here; the caller releases. */
  readonly releasers: Releasers;
  readonly output: SyncOutput;
}

/**
 * The whole of it on this machine: two environments on an embedded PostgreSQL, a Typesense, the service, and a sync
 * through its API. Resolves when the receipt is shown (`exit`), else at the signal. Throws what went wrong.
 */
export async function runDemo(
  { releasers, output }: DemoDeps,
  input: DemoInput,
  options: { readonly signal: AbortSignal },
): Promise<void> {
  const { signal } = options;
  output.say('Starting PostgreSQL …');
  const postgres = await startPostgres({ directory: join(input.directory, 'postgres'), signal });
  releasers.defer(() => postgres.stop());
  output.say(`Creating staging and production with about ${countInWords(input.parts)} parts …`);
  await createDemoDatabases(postgres, input.parts, signal);
  const typesense = await tryTypesense({ releasers, output }, input, signal);

  output.say('Starting the service …');
  const apiKey = new Secret(randomBytes(24).toString('base64url'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const directory = join(input.directory, 'service');
  await mkdir(directory, { mode: 0o700 });
  const service = await keepService(
    {
      directory,
      url,
      signal,
      env: {
        ...input.surroundings,
        HOST: '127.0.0.1',
        PORT: `${port}`,
        API_KEY: apiKey.reveal(),
        DATA_DIRECTORY: join(directory, 'data'),
        SYNC_PRESET: 'multiboard',
        STAGING_DATABASE_URL: demoDatabaseUrl(postgres, 'staging'),
        PRODUCTION_DATABASE_URL: demoDatabaseUrl(postgres, 'production'),
        QUEUE_DATABASE_URL: demoDatabaseUrl(postgres, 'queue'),
        ...(typesense === null
          ? {}
          : {
              PRODUCTION_TYPESENSE_URL: typesense.url,
              PRODUCTION_TYPESENSE_API_KEY: typesense.apiKey.reveal(),
            }),
      },
    },
    () => {
      output.say('\nThe service was killed; starting it again. Its job goes on in a moment …');
    },
  );
  releasers.defer(() => service.stop());

  // Whatever we wait for from here on, the service's end is the news.
  const { ended } = service;
  const client = serviceClient(url, apiKey);
  const receipt = await Promise.race([runSync({ client, output }, signal), ended]);
  const program = input.exit ? null : { name: `API_KEY='…' npx multiboard-sync`, server: url };
  output.print(`\n${renderReceipt(receipt, { color: output.colour, program })}\n`);
  if (typesense === null) output.print('Without a search: see above.\n');
  if (input.exit) return;
  output.print(
    `The page        ${url}/\nIts API key     ${apiKey.reveal()}\n\nCtrl-C ends the demo and removes ` +
      `everything it made.\n`,
  );
  await Promise.race([untilAborted(signal), ended]);
}

/** Null, and one line that says why, where no Typesense can be had: the rest runs without it. */
async function tryTypesense(
  { releasers, output }: DemoDeps,
  { typesense, directory }: DemoInput,
  signal: AbortSignal,
): Promise<RunningTypesense | null> {
  const binary = await findTypesense({
    ...typesense,
    signal,
    onFetch: (from) => {
      output.say(`Fetching Typesense from ${from} (115 MB, once) …`);
    },
  });
  if (!binary.found) {
    output.say(`No Typesense, so no search: ${binary.reason}.`);
    return null;
  }
  output.say('Starting Typesense …');
  const server = await startTypesense({ path: binary.path, directory: join(directory, 'typesense'), signal });
  // Its data is thrown away, so it needs no clean end.
  releasers.defer(() => server.kill());
  return server;
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else
      signal.addEventListener(
        'abort',
        () => {
          resolve();
        },
        { once: true },
      );
  });
}
