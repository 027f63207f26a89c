import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import type { TablePolicy } from '../../src/environments/table-policy.ts';
import type { SyncError } from '../../src/errors/sync-error.ts';
import { leavesObjects, modeNames } from '../../src/plan/modes.ts';
import type { Mode as AnyMode } from '../../src/plan/modes.ts';
import type { JobEvent, StepId } from '../../src/progress/progress.ts';
import { stepTitles } from '../../src/progress/progress.ts';
import { runJob } from '../../src/sync/verbs/run-job.ts';
import type { ExportInput, ImportInput, SyncInput, VerifyInput } from '../../src/sync/contract/inputs.ts';
import type { Receipt, VerifyReceipt } from '../../src/sync/contract/receipts.ts';
import { pgDump } from '../support/client-tools.ts';
import { atFileEnd, queryServer, testDatabase } from '../support/postgres.ts';
import type { TestDatabase } from '../support/postgres.ts';
import { scratchDirectory } from '../support/scratch.ts';
import { dropKept } from '../cli/run-cli.ts';
import { failure } from './failure.ts';
import type { LocalJobRequest } from '../../src/sync/contract/requests.ts';

/** Those that bring the source's objects: a new one takes part in every test that goes through `modes`. */
export type Mode = Exclude<AnyMode, 'merge' | 'switch'>;
export const modes: readonly Mode[] = modeNames.filter(
  // A switch is about some schemas, never about a whole database (test/sync/switch).
  (mode): mode is Mode => !leavesObjects(mode) && mode !== 'switch',
);

/** What the code under test needs of a database; servers of other majors have them too. */
export type BenchDatabase = Pick<TestDatabase, 'url' | 'name' | 'query'>;

export interface BenchOptions {
  /** Instead of new, empty databases of the shared server. */
  readonly source?: BenchDatabase;
  readonly target?: BenchDatabase;
  readonly policies?: Readonly<Record<string, TablePolicy>>;
  /** Further parts of its configuration file. */
  readonly file?: Readonly<Record<string, unknown>>;
  /** Further variables of its environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** What no file says; the built command line knows nothing of it. */
  readonly change?: (config: Config) => Config;
}

/** Runs are about whole databases, whoever owns the schemas. */
export const wholeDatabases = (config: Config): Config => ({
  ...config,
  environments: new Map(
    [...config.environments].map(([name, environment]) => [name, { ...environment, schemas: null }]),
  ),
});

export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
  readonly jobId?: string;
  /** Called when a step begins, in the middle of what the program does. */
  readonly onStep?: (step: StepId) => void;
  readonly onEvent?: (event: JobEvent) => void;
}

/** Two databases and a data directory: environments `src` and `dst`, and the verbs as the worker runs them. */
export interface Bench {
  readonly source: BenchDatabase;
  readonly target: BenchDatabase;
  /** Its data, and its configuration file. */
  readonly directory: string;
  /** What the built command line is started with, in `directory` (command.ts). */
  readonly env: Readonly<Record<string, string>>;
  readonly config: Config;
  /** The same with other variables: reached by another way, as another role. */
  with(env: Readonly<Record<string, string>>): Bench;
  job(request: LocalJobRequest, options?: RunOptions): Promise<Receipt | VerifyReceipt>;
  run(request: LocalJobRequest, options?: RunOptions): Promise<Receipt>;
  sync(mode: AnyMode | 'auto', input?: Partial<SyncInput>, options?: RunOptions): Promise<Receipt>;
  import(dump: ImportInput['dump'], mode: Mode, input?: Partial<ImportInput>): Promise<Receipt>;
  export(input?: Partial<ExportInput>): Promise<Receipt>;
  rollback(jobId: string, options?: RunOptions): Promise<Receipt>;
  verify(input?: Partial<VerifyInput>): Promise<VerifyReceipt>;
}

export async function createBench(options: BenchOptions = {}): Promise<Bench> {
  const source = options.source ?? (await testDatabase('source'));
  const target = options.target ?? (await testDatabase('target'));
  const directory = await scratchDirectory('sync');
  await configure(directory, { tables: options.policies ?? {}, ...options.file });
  atFileEnd(async () => {
    // From outside: the target may be gone, or refuse to be written to. On a server of a test's own there is nothing.
    await dropKept({
      name: target.name,
      query: (sql, values) => queryServer(sql, values) as Promise<never>,
    });
    await rm(directory, { recursive: true, force: true });
  });
  const env = {
    SRC_DATABASE_URL: source.url,
    DST_DATABASE_URL: target.url,
    DATA_DIRECTORY: directory,
    // Two are as parallel as four, and every one more is a session on each end of each job.
    SYNC_WORKERS: '2',
    ...options.env,
  };
  return benchIn({ source, target, directory, env }, options.change);
}

/** Writes the configuration file of a directory; without collections of its own there are none. */
export async function configure(directory: string, file: Readonly<Record<string, unknown>>): Promise<void> {
  // JSON is YAML.
  await writeFile(
    join(directory, 'multiboard-sync.config.yaml'),
    JSON.stringify({ collections: [], ...file }),
  );
}

function benchIn(
  place: Pick<Bench, 'source' | 'target' | 'directory' | 'env'>,
  change: BenchOptions['change'],
): Bench {
  const { env, directory } = place;
  const loaded = loadConfig({ env, cwd: directory });
  const config = change?.(loaded) ?? loaded;
  const job: Bench['job'] = (request, { jobId, signal, onStep, onEvent } = {}) => {
    const tell = onStep === undefined ? null : eachStep(onStep);
    return runJob({ config, now: Date.now }, request, {
      jobId: jobId ?? `j${randomBytes(6).toString('hex')}`,
      signal: signal ?? new AbortController().signal,
      emit: (event) => {
        onEvent?.(event);
        tell?.(event);
      },
    });
  };
  const run: Bench['run'] = async (request, options) => {
    const receipt = await job(request, options);
    if (receipt.type !== 'receipt') throw new Error('not a receipt');
    return receipt;
  };
  return {
    ...place,
    config,
    with: (other) => benchIn({ ...place, env: { ...env, ...other } }, change),
    job,
    run,
    sync: (mode, input, options) =>
      run({ kind: 'sync', input: { source: 'src', target: 'dst', confirm: 'dst', mode, ...input } }, options),
    import: (dump, mode, input) =>
      run({ kind: 'import', input: { dump, target: 'dst', confirm: 'dst', mode, ...input } }),
    export: (input) => run({ kind: 'export', input: { environment: 'src', ...input } }),
    rollback: (jobId, options) => run({ kind: 'rollback', input: { jobId, confirm: 'dst' } }, options),
    verify: async (input) => {
      const receipt = await job({ kind: 'verify', input: { left: 'src', right: 'dst', ...input } });
      if (receipt.type !== 'verify') throw new Error('not a verification');
      return receipt;
    },
  };
}

/** Calls `act` with each step that starts. */
function eachStep(act: (step: StepId) => void): (event: JobEvent) => void {
  let last: StepId | undefined;
  return (event) => {
    if (event.type !== 'progress') return;
    const running = event.progress.steps.find(({ state }) => state === 'running')?.id;
    if (running === undefined || running === last) return;
    last = running;
    act(running);
  };
}

/** Asserts that verify finds nothing, and says what it found otherwise. */
export async function expectEqual(bench: Bench): Promise<void> {
  const { differences, tables, equal } = await bench.verify();
  expect({ differences, different: tables.filter((table) => !table.equal) }).toEqual({
    differences: [],
    different: [],
  });
  expect(equal).toBe(true);
}

/**
 * Everything of a database that somebody could miss: schema, rows and sequences as pg_dump writes them, the database's
 * own settings, its oid (it is the very same database), and the names of databases made beside it.
 */
export async function stateOf(
  database: BenchDatabase,
  options: readonly string[] = [],
): Promise<Record<string, unknown>> {
  const { stdout, stderr, code } = await pgDump(database.url, ['--create', ...options]);
  if (code !== 0) throw new Error(`pg_dump: ${stderr}`);
  const [facts] = await database.query(
    `SELECT (SELECT oid::int8 FROM pg_database WHERE datname = current_database()) AS oid,
       ARRAY(SELECT datname::text FROM pg_database WHERE starts_with(datname, current_database()) ORDER BY 1) AS databases`,
  );
  return { dump: stdout.replaceAll(/^\\(un)?restrict .*$/gm, ''), ...facts };
}

/** Runs something that must fail and change nothing of the target; returns its error. */
export async function failsAndChangesNothing(
  target: BenchDatabase,
  work: () => Promise<unknown>,
): Promise<SyncError> {
  const before = await stateOf(target);
  const error = await failure(work());
  expect(await stateOf(target)).toEqual(before);
  return error;
}

/** Rows of a query as COPY text lines in the given order: what the server itself would write. */
export async function rowsOf(
  database: BenchDatabase,
  table: string,
  order = '1',
): Promise<readonly string[]> {
  const rows = await database.query<{ line: string }>(
    `SELECT ROW(t.*)::text AS line FROM ${table} AS t ORDER BY ${order}`,
  );
  return rows.map(({ line }) => line);
}

/** Calls `act` when a step starts, once. */
export function atStep(step: StepId, act: () => void): (event: JobEvent) => void {
  let acted = false;
  return (event) => {
    if (acted || event.type !== 'progress') return;
    const found = event.progress.steps.find(({ title }) => title === stepTitles[step]);
    if (found?.state !== 'running') return;
    acted = true;
    act();
  };
}
