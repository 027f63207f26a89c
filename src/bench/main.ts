import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { serviceClient } from '../cli/service-client.ts';
import { createDemoDatabases, demoDatabaseUrl } from '../demo/demo-databases.ts';
import { runSync } from '../demo/run-sync.ts';
import { failWhenEnded, startService } from '../demo/service-process.ts';
import { startPostgres } from '../embedded/start-postgres.ts';
import { asSyncError, SyncError } from '../errors/sync-error.ts';
import { exitCodes } from '../errors/outcome.ts';
import { freePort } from '../lib/free-port.ts';
import { Releasers } from '../lib/releasers.ts';
import { Secret } from '../lib/secret.ts';
import { timePeer } from './peer.ts';

/**
 * `npm run bench -- --size 1gb [--tools DIRECTORY]`: a sync of the Multiboard catalogue through the service, timed,
 * with the service's peak resident memory; with `--tools` (a directory that holds pg_dump and psql) also the same
 * copy by `pg_dump | psql` on the same server, for a ratio. Prints one JSON object on stdout.
 */
const sizes: Readonly<Record<string, number>> = { '10mb': 10_000, '100mb': 100_000, '1gb': 1_000_000 };
const { env, stderr, stdout } = process;

process.exitCode = await main();

async function main(): Promise<number> {
  const releasers = new Releasers();
  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => interrupt.abort(new SyncError('CANCELLED', 'The benchmark was ended.')));
  }
  try {
    const { values } = parseArgs({
      options: { size: { type: 'string', default: '100mb' }, tools: { type: 'string' } },
    });
    const parts = sizes[values.size];
    if (parts === undefined)
      throw new SyncError('USAGE_INVALID', `--size must be one of ${Object.keys(sizes).join(', ')}.`);
    const directory = await mkdtemp(join(tmpdir(), 'multiboard-sync-bench-'));
    releasers.defer(() => rm(directory, { recursive: true, force: true }));
    stdout.write(
      `${JSON.stringify(await measure(releasers, directory, parts, values.tools, interrupt.signal), null, 2)}\n`,
    );
    return 0;
  } catch (error) {
    const { message, hint, category } = asSyncError(error);
    stderr.write(`${message}\n${hint}\n`);
    return exitCodes[category];
  } finally {
    await releasers.release();
  }
}

async function measure(
  releasers: Releasers,
  directory: string,
  parts: number,
  tools: string | undefined,
  signal: AbortSignal,
): Promise<object> {
  stderr.write('Starting PostgreSQL and making the data …\n');
  const postgres = await startPostgres({
    directory: join(directory, 'postgres'),
    settings: { shared_buffers: '512MB', max_wal_size: '4GB' },
    signal,
  });
  releasers.defer(() => postgres.stop());
  await createDemoDatabases(postgres, parts, signal);

  const apiKey = new Secret(randomBytes(24).toString('base64url'));
  const url = `http://127.0.0.1:${await freePort()}`;
  const home = join(directory, 'service');
  await mkdir(home, { mode: 0o700 });
  const service = await startService({
    directory: home,
    url,
    signal,
    env: {
      PATH: env['PATH'],
      HOME: env['HOME'],
      HOST: '127.0.0.1',
      PORT: new URL(url).port,
      API_KEY: apiKey.reveal(),
      SYNC_PRESET: 'multiboard',
      DATA_DIRECTORY: join(home, 'data'),
      STAGING_DATABASE_URL: demoDatabaseUrl(postgres, 'staging'),
      PRODUCTION_DATABASE_URL: demoDatabaseUrl(postgres, 'production'),
      QUEUE_DATABASE_URL: demoDatabaseUrl(postgres, 'queue'),
    },
  });
  releasers.defer(() => service.stop());
  const idleMiB = await peakMiB(service.pid);
  const ended = failWhenEnded(service);
  ended.catch(() => {});
  const output = {
    screen: null,
    colour: false,
    say: (line: string) => void stderr.write(`${line}\n`),
    print: () => {},
  };
  const receipt = await Promise.race([
    runSync({ client: serviceClient(url, apiKey), output }, signal),
    ended,
  ]);
  const servicePeakMiB = await peakMiB(service.pid);
  await service.stop();
  const peer =
    tools === undefined
      ? null
      : await timePeer(
          {
            tools,
            from: demoDatabaseUrl(postgres, 'staging'),
            admin: postgres.url(),
            server: (name) => postgres.url(name),
          },
          signal,
        );
  return {
    parts,
    rows: receipt.rows,
    tables: receipt.tables.length,
    dumpBytes: receipt.dump?.bytes ?? null,
    seconds: receipt.seconds,
    steps: receipt.steps,
    serviceIdleMiB: idleMiB,
    servicePeakMiB,
    peer,
    ratioToPeer: peer === null ? null : Number((receipt.seconds / peer.seconds).toFixed(2)),
  };
}

/** The kernel's own record of a process's largest resident set, in MiB. */
async function peakMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024);
}
