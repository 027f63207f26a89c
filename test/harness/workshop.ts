import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { expect } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import type { Config } from '../../src/config/config.ts';
import type { TablePolicy } from '../../src/environments/table-policy.ts';
import type { JobEvent, StepId } from '../../src/progress/progress.ts';
import { runJob } from '../../src/sync/verbs/run-job.ts';
import type { SyncInput } from '../../src/sync/contract/inputs.ts';
import type { Receipt, VerifyReceipt } from '../../src/sync/contract/receipts.ts';
import { runCli } from '../cli/run-cli.ts';
import type { CliOptions, CliRun } from '../cli/run-cli.ts';
import { createMultiboard } from '../support/multiboard.ts';
import { atFileEnd, serverUrl, testDatabase } from '../support/postgres.ts';
import type { TestDatabase } from '../support/postgres.ts';
import { queryOnce } from '../support/postgres-connection.ts';
import { scratchDirectory } from '../support/scratch.ts';
import { afterSync, contentOf } from './content.ts';
import type { Content } from './content.ts';
import { littlePolicies, littleProduction, littleStaging } from './little-catalogue.ts';
import type { LocalJobRequest } from '../../src/sync/contract/requests.ts';

/** Where the program is struck; see die.mjs. */
export interface Fault {
  readonly step?: StepId;
  readonly sends?: string;
  readonly before?: boolean;
  readonly count?: number;
  readonly signal?: NodeJS.Signals;
}

export interface Models {
  readonly source: TestDatabase;
  /** Never written to: targets are made from it. */
  readonly model: TestDatabase;
  readonly preset: 'multiboard' | 'none';
  /** What becomes of tables, where no preset says it. */
  readonly policies?: Readonly<Record<string, TablePolicy>>;
  readonly sourceContent: Content;
  readonly oldContent: Content;
}

/** A source and the model of all targets of a test file: the catalogue, with people's own rows in both. */
export async function multiboardModels(parts = 100): Promise<Models> {
  const source = await testDatabase('faults_source');
  const model = await testDatabase('faults_model');
  await createMultiboard(source.url, { parts });
  await createMultiboard(model.url, { parts, variant: 'production' });
  return {
    source,
    model,
    preset: 'multiboard',
    sourceContent: await contentOf(source),
    oldContent: await contentOf(model),
  };
}

/** The same with a few tables only. */
export async function littleModels(): Promise<Models> {
  const source = await testDatabase('faults_source');
  const model = await testDatabase('faults_model');
  await source.query(littleStaging);
  await model.query(littleProduction);
  return {
    source,
    model,
    preset: 'none',
    policies: littlePolicies,
    sourceContent: await contentOf(source),
    oldContent: await contentOf(model),
  };
}

/** The same with two little tables and no policy. */
export async function smallModels(): Promise<Models> {
  const source = await testDatabase('faults_source');
  const model = await testDatabase('faults_model');
  await source.query(`CREATE TABLE part (id int PRIMARY KEY, name text);
    INSERT INTO part SELECT n, 'part ' || n FROM generate_series(1, 1000) AS n;
    CREATE TABLE tag (id serial PRIMARY KEY, name text)`);
  await model.query(
    `CREATE TABLE part (id int PRIMARY KEY); CREATE TABLE note (id int); INSERT INTO note VALUES (1)`,
  );
  return {
    source,
    model,
    preset: 'none',
    sourceContent: await contentOf(source),
    oldContent: await contentOf(model),
  };
}

/** One target with a data directory of its own. */
export interface Workshop {
  readonly target: TestDatabase;
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  readonly old: Content;
  readonly new: Content;
}

export async function workshop(
  { source, model, preset, policies, sourceContent, oldContent }: Models,
  env: Readonly<Record<string, string>> = {},
): Promise<Workshop> {
  const target = await testDatabase('faults', model.name);
  const directory = await scratchDirectory('faults');
  if (policies !== undefined)
    await writeFile(join(directory, 'multiboard-sync.config.yaml'), JSON.stringify({ tables: policies }));
  atFileEnd(async () => {
    for (const { name } of await besides(target))
      await queryOnce(serverUrl(), `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
    await rm(directory, { recursive: true, force: true });
  });
  return {
    target,
    directory,
    env: { SRC_DATABASE_URL: source.url, DST_DATABASE_URL: target.url, SYNC_PRESET: preset, ...env },
    old: oldContent,
    new: preset === 'none' && policies === undefined ? sourceContent : afterSync(sourceContent, oldContent),
  };
}

/** Runs the built command line in a workshop, struck by a fault if one is given. */
export function command(
  { directory, env }: Workshop,
  argv: readonly string[],
  options: Partial<CliOptions> & { readonly fault?: Fault } = {},
): Promise<CliRun> {
  const { fault, ...rest } = options;
  const die = pathToFileURL(join(import.meta.dirname, 'die.mjs')).href;
  const struck = fault === undefined ? {} : { NODE_OPTIONS: `--import=${die}`, FAULT: JSON.stringify(fault) };
  return runCli([...argv, '--json'], { cwd: directory, ...rest, env: { ...env, ...rest.env, ...struck } });
}

/** The id of a job that a run said before it ended or was ended. */
export function jobOf({ events, result }: CliRun): string {
  const progress = [...events, result].find(({ type }) => type === 'progress')?.['progress'];
  return String((progress as Record<string, unknown>)['jobId']);
}

export const syncArguments = (mode: string): readonly string[] => [
  'sync',
  'src',
  'dst',
  '--confirm',
  'dst',
  '--mode',
  mode,
];

function configOf({ directory, env }: Workshop): Config {
  return loadConfig({ env, cwd: directory });
}

export interface JobOptions {
  readonly signal?: AbortSignal;
  readonly jobId?: string;
  /** Called when a step begins, in the middle of what the program does. */
  readonly onStep?: (step: StepId) => void;
  readonly onEvent?: (event: JobEvent) => void;
}

let jobs = 0;

/** Runs a job in this process. */
export function job(
  shop: Workshop,
  request: LocalJobRequest,
  { signal, jobId, onStep, onEvent }: JobOptions = {},
): Promise<Receipt | VerifyReceipt> {
  jobs += 1;
  let last: StepId | undefined;
  return runJob({ config: configOf(shop), now: Date.now }, request, {
    jobId: jobId ?? `faults-${process.pid}-${jobs}`,
    signal: signal ?? new AbortController().signal,
    emit: (event) => {
      onEvent?.(event);
      if (event.type !== 'progress') return;
      const running = event.progress.steps.find(({ state }) => state === 'running')?.id;
      if (running === undefined || running === last) return;
      last = running;
      onStep?.(running);
    },
  });
}

export function sync(
  shop: Workshop,
  input: Partial<SyncInput> = {},
  options: JobOptions = {},
): Promise<Receipt | VerifyReceipt> {
  return job(
    shop,
    { kind: 'sync', input: { source: 'src', target: 'dst', confirm: 'dst', ...input } },
    options,
  );
}

/** Databases that runs made beside a target. */
export async function besides(
  target: Pick<TestDatabase, 'name'>,
): Promise<readonly { name: string; role: string | null; open: boolean }[]> {
  const rows = await queryOnce(
    serverUrl(),
    `SELECT datname AS name, substring(shobj_description(oid, 'pg_database') FROM '"role":"([a-z]+)"') AS role, datallowconn AS open
     FROM pg_database WHERE starts_with(datname, $1 || '__') ORDER BY 1`,
    [target.name],
  );
  return rows as { name: string; role: string | null; open: boolean }[];
}

/** Old or new, and anything else fails the test: content, and a door that is open. */
export async function stateOf(shop: Workshop): Promise<'old' | 'new'> {
  const [row] = await queryOnce(
    serverUrl(),
    'SELECT datallowconn AS open FROM pg_database WHERE datname = $1',
    [shop.target.name],
  );
  expect(row, 'the door of the target').toEqual({ open: true });
  const content = await contentAsSeen(shop.target);
  const same = (other: Content): boolean => JSON.stringify(content) === JSON.stringify(other);
  if (same(shop.old)) return 'old';
  expect(content).toEqual(shop.new);
  return 'new';
}

/** As an application sees it: refused in the moment of a switch (3D000), it tries again. */
async function contentAsSeen(target: TestDatabase): Promise<Content> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    try {
      return await contentOf(target);
    } catch (error) {
      if ((error as { code?: string }).code !== '3D000' || Date.now() > deadline) throw error;
      await delay(50);
    }
  }
}

/** What runs left that nobody wants: databases of ours but kept ones, unfinished files, rows set aside, sessions. */
export async function leftovers({ target, directory }: Workshop): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { name, role, open } of await besides(target)) {
    if (role !== 'kept') found.push(`database ${name} (${role ?? 'no marker'})`);
    else if (open) found.push(`kept database ${name} accepts connections`);
  }
  const data = join(directory, 'data');
  for (const name of await readdir(data, { recursive: true }).catch(() => [])) {
    if (name.endsWith('.partial') || name.startsWith('spool/')) found.push(`file ${name}`);
    if (
      /^(dumps|backups)\/.*\.sql(\.gz)?$/.test(name) &&
      !(await readdir(data, { recursive: true })).includes(`${name}.manifest.json`)
    )
      found.push(`dump without a manifest ${name}`);
  }
  const sessions = await queryOnce(
    serverUrl(),
    `SELECT datname, application_name AS name FROM pg_stat_activity
     WHERE (datname = $1 OR starts_with(datname, $1 || '__')) AND starts_with(application_name, 'multiboard-sync')`,
    [target.name],
  );
  found.push(...sessions.map(({ datname, name }) => `session ${String(name)} on ${String(datname)}`));
  return found;
}
