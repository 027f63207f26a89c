import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { expect } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import type { TablePolicy } from '../../src/environments/table-policy.ts';
import type { SyncError } from '../../src/errors/sync-error.ts';
import type { JobEvent, StepId } from '../../src/progress/progress.ts';
import { stepTitles } from '../../src/progress/progress.ts';
import { runJob } from '../../src/sync/verbs/run-job.ts';
import type { ExportInput, ImportInput, SyncInput, VerifyInput } from '../../src/sync/contract/inputs.ts';
import type { Receipt, VerifyReceipt } from '../../src/sync/contract/receipts.ts';
import { pgDump } from '../support/client-tools.ts';
import { atFileEnd, serverUrl, testDatabase } from '../support/postgres.ts';
import type { TestDatabase } from '../support/postgres.ts';
import { queryOnce } from '../support/postgres-connection.ts';
import { scratchDirectory } from '../support/scratch.ts';
import { dropKept } from '../cli/run-cli.ts';
import { failure } from './failure.ts';
import type { LocalJobRequest } from '../../src/sync/contract/requests.ts';

export type Mode = 'replace' | 'in-place';
export const modes: readonly Mode[] = ['replace', 'in-place'];

/** What the code under test needs of a database; servers of other majors have them too. */
export type BenchDatabase = Pick<TestDatabase, 'url' | 'name' | 'query'>;

export interface BenchOptions {
  /** Instead of new, empty databases of the shared server. */
  readonly source?: BenchDatabase;
  readonly target?: BenchDatabase;
  readonly policies?: Readonly<Record<string, TablePolicy>>;
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
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: JobEvent) => void;
}

/** Two databases and a data directory: environments `src` and `dst`, and the verbs as the worker runs them. */
export interface Bench {
  readonly source: BenchDatabase;
  readonly target: BenchDatabase;
  readonly directory: string;
  readonly config: Config;
  run(request: LocalJobRequest, options?: RunOptions): Promise<Receipt>;
  sync(mode: Mode, input?: Partial<SyncInput>, options?: RunOptions): Promise<Receipt>;
  import(dump: ImportInput['dump'], mode: Mode, input?: Partial<ImportInput>): Promise<Receipt>;
  export(input?: Partial<ExportInput>): Promise<Receipt>;
  rollback(jobId: string): Promise<Receipt>;
  verify(input?: Partial<VerifyInput>): Promise<VerifyReceipt>;
}

export async function createBench(options: BenchOptions = {}): Promise<Bench> {
  const source = options.source ?? (await testDatabase('source'));
  const target = options.target ?? (await testDatabase('target'));
  const directory = await scratchDirectory('sync');
  atFileEnd(async () => {
    // From outside: the target may be gone, or refuse to be written to. On a server of a test's own there is nothing.
    await dropKept({
      name: target.name,
      query: (sql, values) => queryOnce(serverUrl(), sql, values) as Promise<never>,
    });
    await rm(directory, { recursive: true, force: true });
  });
  const env = {
    SRC_DATABASE_URL: source.url,
    DST_DATABASE_URL: target.url,
    DATA_DIRECTORY: directory,
  };
  const loaded: Config = {
    ...loadConfig({ env, cwd: directory }),
    tablePolicies: Object.entries(options.policies ?? {}).map(([table, policy]) => ({ table, policy })),
    mustHaveRows: [],
    collections: [],
  };
  const config = options.change?.(loaded) ?? loaded;
  const start = (request: LocalJobRequest, { signal, onEvent }: RunOptions = {}) =>
    runJob({ config, now: Date.now }, request, {
      jobId: `j${randomBytes(6).toString('hex')}`,
      signal: signal ?? new AbortController().signal,
      emit: onEvent ?? (() => {}),
    });
  const run = async (request: LocalJobRequest, runOptions?: RunOptions): Promise<Receipt> => {
    const receipt = await start(request, runOptions);
    if (receipt.type !== 'receipt') throw new Error('not a receipt');
    return receipt;
  };
  return {
    source,
    target,
    directory,
    config,
    run,
    sync: (mode, input, runOptions) =>
      run(
        { kind: 'sync', input: { source: 'src', target: 'dst', confirm: 'dst', mode, ...input } },
        runOptions,
      ),
    import: (dump, mode, input) =>
      run({ kind: 'import', input: { dump, target: 'dst', confirm: 'dst', mode, ...input } }),
    export: (input) => run({ kind: 'export', input: { environment: 'src', ...input } }),
    rollback: (jobId) => run({ kind: 'rollback', input: { jobId, confirm: 'dst' } }),
    verify: async (input) => {
      const receipt = await start({ kind: 'verify', input: { left: 'src', right: 'dst', ...input } });
      if (receipt.type !== 'verify') throw new Error('not a verification');
      return receipt;
    },
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
export async function stateOf(database: BenchDatabase): Promise<Record<string, unknown>> {
  const { stdout, stderr, code } = await pgDump(database.url, ['--create']);
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
