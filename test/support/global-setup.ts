import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startPostgres } from '../../src/embedded/start-postgres.ts';
import { quoteLiteral } from '../../src/postgres/identifiers.ts';
import { isCi, missingNeeds, needsOf } from './availability.ts';
import type { Missing } from './needs.ts';
import { fastSettings, queryOnce } from './postgres-connection.ts';
import { freeAbandonedMemory, moveToDisk, serverDirectory } from './scratch.ts';
import { Shared } from './shared.ts';
import { launchTypesense } from './typesense-server.ts';

interface SharedPostgres {
  readonly url: string;
  stop(): Promise<void>;
}

/** One server of each kind for all projects of a run: vitest calls this file once for each project. */
const postgres = Shared.named('postgres', startSharedPostgres);
const typesense = Shared.named('typesense', launchTypesense);

/**
 * Finds out what is missing, starts what the project's tests share, and stops it at the end. With CI=true a missing
 * server fails the run; elsewhere the tests that need it are skipped (last-lines.ts says which and why).
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { required, wanted, lucky = [] } = needsOf(project.name);
  const missing = await missingNeeds([...required, ...wanted]);
  if (isCi && Object.keys(missing).length > 0) throw new Error(describe(missing));
  Object.assign(missing, await missingNeeds(lucky));
  const skipProject = required.flatMap((need) => missing[need] ?? []).join('; ');
  const runs = skipProject === '';
  const usesTypesense = required.includes('typesense') && runs;
  project.provide('missing', missing);
  project.provide('skipProject', skipProject);
  project.provide('postgresUrl', runs ? (await postgres.acquire()).url : '');
  const search = usesTypesense ? await typesense.acquire() : null;
  project.provide('typesense', search === null ? null : { url: search.url, apiKey: search.apiKey });
  return async () => {
    if (usesTypesense) await typesense.release();
    if (runs) await postgres.release();
  };
}

function describe(missing: Missing): string {
  return Object.entries(missing)
    .map(([need, reason]) => `Missing: ${need} (${reason}).`)
    .join(' ');
}

/** TEST_POSTGRES_URL names a running server (superuser) to use instead, where kept databases can be looked at later. */
async function startSharedPostgres(): Promise<SharedPostgres> {
  const given = process.env['TEST_POSTGRES_URL'];
  if (given !== undefined) return { url: given, stop: async () => {} };
  await freeAbandonedMemory();
  const directory = await serverDirectory('shared-postgres');
  const server = await startPostgres({ directory, settings: { ...fastSettings, scram_iterations: '1' } });
  // What makes a password slow to guess is paid by both ends of each of some thirty thousand connections: they send it
  // as it is. The servers of a test's own are asked as a server asks that somebody has just made.
  const { password } = new URL(server.url());
  await queryOnce(server.url(), `ALTER ROLE postgres PASSWORD ${quoteLiteral(decodeURIComponent(password))}`);
  const rules = join(directory, 'data', 'pg_hba.conf');
  await writeFile(rules, (await readFile(rules, 'utf8')).replaceAll('scram-sha-256', 'password'));
  await queryOnce(server.url(), 'SELECT pg_reload_conf()');
  await dropMaps(server.url(), directory);
  return {
    url: server.url(),
    stop: async () => {
      const kept = await queryOnce(
        server.url(),
        `SELECT datname FROM pg_database WHERE datname LIKE 't\\_%'`,
      );
      await server.stop();
      if (kept.length > 0 && !isCi) {
        const place = await moveToDisk(directory, 'shared-postgres');
        process.stderr.write(`\nDatabases of failed tests are kept in ${place}; remove it when done.\n`);
        return;
      }
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/**
 * Every database of a test is a copy of template0, file by file, and a quarter of its files are maps of free space and
 * of visible rows, which a server makes again where it wants them. Nobody has been connected to it yet.
 */
async function dropMaps(url: string, directory: string): Promise<void> {
  const [row] = await queryOnce(url, `SELECT oid::text FROM pg_database WHERE datname = 'template0'`);
  const files = join(directory, 'data', 'base', String(row?.['oid']));
  const maps = (await readdir(files)).filter((name) => /_(?:fsm|vm)$/.test(name));
  for (const name of maps) await rm(join(files, name));
}
