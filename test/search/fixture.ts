import { randomBytes } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { parseDatabaseUrl } from '../../src/environments/database-url.ts';
import type { SearchCluster } from '../../src/environments/environment.ts';
import { Secret } from '../../src/lib/secret.ts';
import { Database } from '../../src/postgres/database.ts';
import type { Reporter } from '../../src/progress/progress.ts';
import type { BuildDeps } from '../../src/search/build-collections.ts';
import { buildCollections } from '../../src/search/build-collections.ts';
import { collectionConfigSchema } from '../../src/search/collection-config.ts';
import type { CollectionConfig } from '../../src/search/collection-config.ts';
import type { SearchTiming } from '../../src/search/search-deps.ts';
import { testDatabase } from '../support/postgres.ts';
import type { TestDatabase } from '../support/postgres.ts';

/** Quick to give up, so that fault tests end soon. */
export const quickTiming: Partial<SearchTiming> = {
  watchdogMs: 15_000,
  quickWatchdogMs: 5_000,
  importAttempts: 5,
  adminAttempts: 2,
  pauseMs: 20,
  pauseMaxMs: 400,
  followerMs: 3_000,
};

interface ItemTally {
  rows: number;
  bytes: number;
  done: boolean;
}

/** Keeps what was reported. */
export interface RecordingReporter extends Reporter {
  readonly items: Map<string, ItemTally>;
  readonly logs: { readonly level: string; readonly message: string }[];
  estimatedBytes: number;
  onAdvance: (name: string) => void;
}

export function recordingReporter(): RecordingReporter {
  const items = new Map<string, ItemTally>();
  const item = (name: string): ItemTally => {
    const known = items.get(name) ?? { rows: 0, bytes: 0, done: false };
    items.set(name, known);
    return known;
  };
  const reporter: RecordingReporter = {
    items,
    logs: [],
    estimatedBytes: 0,
    onAdvance: () => {},
    plan: () => {},
    estimate: (_step, bytes) => {
      reporter.estimatedBytes = bytes;
    },
    step: () => {},
    itemStarted: (name) => {
      item(name);
    },
    itemAdvanced: (name, rows, bytes) => {
      item(name).rows += rows;
      item(name).bytes += bytes;
      reporter.onAdvance(name);
    },
    itemDone: (name) => {
      item(name).done = true;
    },
    log: (level, message) => {
      reporter.logs.push({ level, message });
    },
  };
  return reporter;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Plain requests to a server, beside the code under test. */
export class Wire {
  readonly url: string;
  readonly apiKey: string;

  constructor(server: { readonly url: string; readonly apiKey: string }) {
    this.url = server.url;
    this.apiKey = server.apiKey;
  }

  async send(method: string, path: string, body?: unknown): Promise<Answer> {
    const answer = await fetch(`${this.url}${path}`, {
      method,
      headers: { 'x-typesense-api-key': this.apiKey },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return { status: answer.status, text: await answer.text() };
  }

  async json<T>(path: string): Promise<T> {
    const { status, text } = await this.send('GET', path);
    if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
    return JSON.parse(text) as T;
  }

  /** Stored documents by id. */
  async documents(collection: string): Promise<Map<string, Record<string, unknown>>> {
    const { text } = await this.send('GET', `/collections/${collection}/documents/export`);
    const documents = text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    return new Map(documents.map((document) => [String(document['id']), document]));
  }

  async aliasTarget(alias: string): Promise<string | null> {
    const { status, text } = await this.send('GET', `/aliases/${alias}`);
    return status === 404 ? null : (JSON.parse(text) as { collection_name: string }).collection_name;
  }

  /** Real collections whose names begin so. */
  async collections(prefix: string): Promise<string[]> {
    const all = await this.json<{ name: string }[]>('/collections');
    return all.map(({ name }) => name).filter((name) => name.startsWith(prefix));
  }
}

/** An alias name that no other test uses. */
export function freshAlias(name: string): string {
  return `${name}_${randomBytes(4).toString('hex')}`;
}

export interface SearchFixture {
  readonly database: TestDatabase;
  readonly deps: BuildDeps;
  readonly wire: Wire;
  readonly cluster: SearchCluster;
}

/** A database with a table "Item" of `rows` rows, and the dependencies of the search step on `server`. */
export async function searchFixture(
  server: { readonly url: string; readonly apiKey: string },
  rows = 10,
): Promise<SearchFixture> {
  const database = await testDatabase('search');
  await database.query(`
    CREATE TABLE "Item" (id integer PRIMARY KEY, name text, big bigint, ratio double precision);
    INSERT INTO "Item" SELECT n, 'name ' || n, 9007199254740993 + n, n / 4.0 FROM generate_series(1, ${rows}) AS n`);
  const cluster = { nodes: [server.url], apiKey: new Secret(server.apiKey) };
  const open = new Database({
    url: parseDatabaseUrl('TEST_DATABASE_URL', database.url),
    side: 'source',
    access: 'read',
    applicationName: 'multiboard-sync test search',
  });
  onTestFinished(() => open.close());
  const deps: BuildDeps = { cluster, database: open, schema: 'public', now: Date.now, timing: quickTiming };
  return { database, deps, wire: new Wire(server), cluster };
}

/** A collection over "Item". */
export function itemCollection(name: string, changes: Partial<CollectionConfig> = {}): CollectionConfig {
  return collectionConfigSchema.parse({
    name,
    query: `SELECT json_build_object('id', id::text, 'name', name, 'big', big, 'ratio', ratio) AS document FROM {schema}."Item"`,
    fields: [
      { name: 'name', type: 'string' },
      { name: 'big', type: 'int64' },
      { name: 'ratio', type: 'float' },
    ],
    ...changes,
  });
}

export function build(
  fixture: Pick<SearchFixture, 'deps'>,
  collections: readonly CollectionConfig[],
  options: {
    readonly signal?: AbortSignal;
    readonly report?: RecordingReporter;
    readonly runId?: string;
  } = {},
): ReturnType<typeof buildCollections> {
  return buildCollections(
    fixture.deps,
    { collections, runId: options.runId ?? 'run1', lockMark: null },
    { signal: options.signal ?? new AbortController().signal, report: options.report ?? recordingReporter() },
  );
}

export const never = (): { readonly signal: AbortSignal } => ({ signal: new AbortController().signal });
