import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseDatabaseUrl } from '../environments/database-url.ts';
import { SyncError } from '../errors/sync-error.ts';
import { Database } from '../postgres/database.ts';

export interface PeerInput {
  /** Directory that holds pg_dump and psql of the server's version. */
  readonly tools: string;
  readonly from: string;
  /** A database to create another one from. */
  readonly admin: string;
  readonly server: (database: string) => string;
}

/** Copies the source into an empty database by `pg_dump | psql`, as one would by hand, and says how long it took. */
export async function timePeer(
  input: PeerInput,
  signal: AbortSignal,
): Promise<{ readonly command: string; readonly seconds: number }> {
  const copy = 'bench_peer';
  await using admin = new Database({
    url: parseDatabaseUrl('The benchmark’s address', input.admin),
    side: 'target',
    access: 'maintenance',
    applicationName: 'multiboard-sync bench',
    connectionsMax: 1,
  });
  await admin.withSession((session) => session.execute(`CREATE DATABASE ${copy} TEMPLATE template0`), signal);
  const startedAt = performance.now();
  const dump = spawn(join(input.tools, 'pg_dump'), [input.from], {
    stdio: ['ignore', 'pipe', 'inherit'],
    signal,
  });
  const restore = spawn(
    join(input.tools, 'psql'),
    ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', input.server(copy)],
    { stdio: ['pipe', 'ignore', 'inherit'], signal },
  );
  const ends = Promise.all([once(dump, 'exit'), once(restore, 'exit')]);
  await pipeline(dump.stdout, restore.stdin);
  const codes = (await ends).map(([code]) => code as number | null);
  if (codes.some((code) => code !== 0))
    throw new SyncError('INTERNAL', `pg_dump | psql ended with ${codes.join(' and ')}.`);
  return { command: 'pg_dump | psql', seconds: Math.round(performance.now() - startedAt) / 1000 };
}
