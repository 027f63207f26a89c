import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startPostgres } from '../embedded/start-postgres.ts';
import { exitCodes } from '../errors/outcome.ts';
import { asSyncError, SyncError } from '../errors/sync-error.ts';
import { Releasers } from '../lib/releasers.ts';
import { BenchServer, dataSets } from './data-sets.ts';
import { measure } from './measure.ts';
import type { Command, Measured } from './measure.ts';
import { tableOf } from './report.ts';
import type { Result } from './report.ts';
import { filesIn, ourCommand, templates, worksOf } from './works.ts';
import type { Places, Work } from './works.ts';

/**
 * `npm run bench -- [--size 200mb] [--data mixed,small,big,wide] [--work export,import …] [--rounds 5]
 * [--tools DIRECTORY] [--pgcopydb PROGRAM]`: makes data, runs what we do and, with the tools (pg_dump, pg_restore and
 * psql of the server's version), what they do, all in turn in each round, and prints a table. Both databases are on one
 * private PostgreSQL with fsync on. Linux only.
 */
const { env, stderr, stdout } = process;

process.exitCode = await main();

async function main(): Promise<number> {
  const releasers = new Releasers();
  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => interrupt.abort(new SyncError('CANCELLED', 'The benchmark was ended.')));
  try {
    const asked = askedFor();
    const directory = await mkdtemp(join(tmpdir(), 'multiboard-sync-bench-'));
    releasers.defer(() => rm(directory, { recursive: true, force: true }));
    const postgres = await startPostgres({
      directory: join(directory, 'postgres'),
      settings: { shared_buffers: '512MB', max_wal_size: '4GB', max_locks_per_transaction: '512' },
      signal: interrupt.signal,
    });
    releasers.defer(() => postgres.stop());
    const server = new BenchServer(postgres, interrupt.signal);
    for (const data of asked.data) {
      const results = await resultsOf({ ...asked, data, directory, server }, interrupt.signal);
      stdout.write(`\n${data}, ${asked.size}\n\n${tableOf(results)}\n`);
    }
    return 0;
  } catch (error) {
    const { message, hint, category } = asSyncError(error);
    stderr.write(`${message}\n${hint}\n`);
    return exitCodes[category];
  } finally {
    await releasers.release();
  }
}

interface Asked {
  readonly size: string;
  readonly bytes: number;
  readonly data: readonly string[];
  /** Null for all. */
  readonly work: readonly string[] | null;
  readonly rounds: number;
  readonly tools: string | null;
  readonly pgcopydb: string | null;
}

function askedFor(): Asked {
  const { values } = parseArgs({
    options: {
      size: { type: 'string', default: '200mb' },
      data: { type: 'string', default: 'mixed' },
      work: { type: 'string' },
      rounds: { type: 'string', default: '5' },
      tools: { type: 'string' },
      pgcopydb: { type: 'string' },
    },
  });
  const { size, rounds, tools = null, pgcopydb = null } = values;
  const [, number, unit] = /^(\d+)(mb|gb)$/.exec(size) ?? [];
  if (number === undefined)
    throw new SyncError('USAGE_INVALID', '--size is a number and a unit, such as 200mb or 1gb.');
  const data = values.data.split(',');
  const unknown = data.find((name) => !Object.hasOwn(dataSets, name));
  if (unknown !== undefined)
    throw new SyncError('USAGE_INVALID', `--data must be of ${Object.keys(dataSets).join(', ')}.`);
  if (!/^[1-9]\d*$/.test(rounds))
    throw new SyncError('USAGE_INVALID', '--rounds must be a number of at least 1.');
  const bytes = Number(number) * (unit === 'gb' ? 1e9 : 1e6);
  return {
    size,
    bytes,
    data,
    work: values.work?.split(',') ?? null,
    rounds: Number(rounds),
    tools,
    pgcopydb,
  };
}

interface Bench extends Omit<Asked, 'data'> {
  readonly data: string;
  readonly directory: string;
  readonly server: BenchServer;
}

async function resultsOf(bench: Bench, signal: AbortSignal): Promise<readonly Result[]> {
  const { server, directory } = bench;
  const home = join(directory, 'home');
  const places: Places = {
    ...bench,
    source: server.url('bench_source'),
    target: server.url('bench_target'),
    env: {
      PATH: [...(bench.tools === null ? [] : [bench.tools]), env['PATH']].join(':'),
      HOME: home,
      DATA_DIRECTORY: home,
      SOURCE_DATABASE_URL: server.url('bench_source'),
      TARGET_DATABASE_URL: server.url('bench_target'),
    },
  };
  stderr.write(`Making the data: ${bench.data}, ${bench.size} …\n`);
  const works = worksOf(places).filter(
    ({ name }) => bench.work?.some((word) => name.includes(word)) !== false,
  );
  await prepare(bench, places, works, signal);
  const runs = new Map<string, Measured[]>();
  for (let round = 1; round <= bench.rounds; round += 1) {
    stderr.write(`Round ${round} of ${bench.rounds} …\n`);
    for (const work of works)
      for (const { name, command } of work.contenders) {
        for (const folder of [home, filesIn(directory).scratch]) {
          await rm(folder, { recursive: true, force: true });
          await mkdir(folder, { mode: 0o700 });
        }
        if (work.target !== 'none') await server.create('bench_target', templates[work.target]);
        const key = `${work.name}\0${name}`;
        runs.set(key, [...(runs.get(key) ?? []), await measure(command, server.pid, signal)]);
        await server.dropKept('bench_target');
      }
  }
  return works.flatMap(({ name: work, contenders }) =>
    contenders.map(({ name, who }) => ({ work, name, who, runs: runs.get(`${work}\0${name}`) ?? [] })),
  );
}

/** Databases and files that runs begin with. */
async function prepare(
  { data, bytes, server, tools, directory }: Bench,
  places: Places,
  works: readonly Work[],
  signal: AbortSignal,
): Promise<void> {
  const fill = dataSets[data];
  if (fill === undefined) return;
  const run = (pipe: Command['pipe']): Promise<Measured> =>
    measure({ pipe, env: places.env }, server.pid, signal);
  await server.fill('bench_source', fill, bytes, 'source');
  if (works.some(({ target }) => target === 'old')) await server.fill('bench_old', fill, bytes, 'old');
  if (!works.some(({ target }) => target === 'empty' || target === 'schema' || target === 'loaded')) return;
  const file = filesIn(directory);
  for (const path of Object.values(file)) await rm(path, { recursive: true, force: true });
  await run(ourCommand('export', 'source', '--output', file.ours, '--compress', 'none'));
  if (tools === null) return;
  await run([[join(tools, 'pg_dump'), '-Fp', '-f', file.plain, places.source]]);
  await run([[join(tools, 'pg_dump'), '-Fd', '-Z0', '-j2', '-f', file.folder, places.source]]);
  const restore = (database: string, section: string): Promise<Measured> =>
    run([[join(tools, 'pg_restore'), '-d', server.url(database), `--section=${section}`, file.folder]]);
  await server.create('bench_schema', 'template0');
  await restore('bench_schema', 'pre-data');
  await server.create('bench_loaded', 'bench_schema');
  await restore('bench_loaded', 'data');
}
