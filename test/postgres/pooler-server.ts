import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ordinaryIdentity } from '../../src/embedded/run-as.ts';
import { freePort } from '../../src/lib/free-port.ts';
import { queryOnce } from '../support/postgres-connection.ts';
import { atFileEnd, serverUrl } from '../support/postgres.ts';
import { scratchDirectory } from '../support/scratch.ts';

export interface Pooler {
  /** `postgresql://…` of a database of the shared server, through the pooler. */
  urlOf(database: string): string;
}

const startTimeoutMs = 10_000;

/**
 * A PgBouncer before the shared server; `settings` are lines of its ini file, `aliases` names by which it calls
 * databases otherwise than the server. Stopped when the file ends.
 */
export async function startPooler(
  settings: Readonly<Record<string, string>>,
  aliases: Readonly<Record<string, string>> = {},
): Promise<Pooler> {
  const server = new URL(serverUrl());
  const directory = await scratchDirectory('pooler');
  const port = await freePort();
  const file = join(directory, 'pgbouncer.ini');
  const lines = {
    listen_addr: '127.0.0.1',
    listen_port: `${port}`,
    unix_socket_dir: '',
    auth_type: 'any',
    ...settings,
  };
  const target = `host=${server.hostname} port=${server.port} user=${server.username} password=${decodeURIComponent(server.password)}`;
  const ini = Object.entries(lines).map(([name, value]) => `${name} = ${value}`);
  const named = Object.entries(aliases).map(([alias, name]) => `${alias} = ${target} dbname=${name}\n`);
  await writeFile(file, `[databases]\n${named.join('')}* = ${target}\n[pgbouncer]\n${ini.join('\n')}\n`);
  // PgBouncer refuses to run as root.
  const identity = await ordinaryIdentity();
  if (identity !== null) {
    await chown(file, identity.uid, identity.gid);
    await chown(directory, identity.uid, identity.gid);
  }
  await chmod(file, 0o600);
  const child = spawn('pgbouncer', [file], {
    cwd: directory,
    stdio: ['ignore', 'ignore', 'pipe'],
    ...identity,
  });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  const exited = once(child, 'exit');
  atFileEnd(async () => {
    child.kill('SIGINT');
    await exited;
    await rm(directory, { recursive: true, force: true });
  });
  const urlOf = (database: string): string =>
    `postgresql://postgres@127.0.0.1:${port}/${database}?sslmode=disable`;
  await until(
    () => log.includes('process up'),
    () => `PgBouncer did not start: ${log}`,
  );
  await queryOnce(urlOf(decodeURIComponent(server.pathname.slice(1))), 'SELECT 1');
  return { urlOf };
}

async function until(done: () => boolean, failure: () => string): Promise<void> {
  for (const deadline = Date.now() + startTimeoutMs; !done(); await delay(20)) {
    if (Date.now() > deadline) throw new Error(failure());
  }
}
