import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { packagedBinaries } from '../../src/embedded/binaries.ts';
import { errorReport } from '../../src/errors/sync-error.ts';
import { clientToolsDirectory } from './client-tools-directory.ts';
import type { Missing, Need } from './needs.ts';
import { testTypesenseBinary } from './typesense-server.ts';

const run = promisify(execFile);

export const isCi = process.env['CI'] === 'true';

interface ProjectNeeds {
  /** Without one of these the whole project is skipped. */
  readonly required: readonly Need[];
  /** Without one of these the tests that ask `lacks(…)` are skipped. */
  readonly wanted: readonly Need[];
}

const byProject: Readonly<Record<string, ProjectNeeds>> = {
  pg: { required: ['postgres'], wanted: ['client-tools', 'pgbouncer'] },
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
  'client-tools': clientToolsDirectory,
  pgbouncer: () => run('pgbouncer', ['--version']),
  redis: () => run('redis-server', ['--version']),
  typesense: testTypesenseBinary,
  chromium: () => run('chromium', ['--version']),
};

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
