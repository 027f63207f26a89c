import { access, constants, statfs } from 'node:fs/promises';
import { refuseOthersDirectory } from '../../dump/files.ts';
import { errorCatalogue } from '../../errors/catalogue.ts';
import { errorReport, SyncError } from '../../errors/sync-error.ts';
import { unfinishedJournals } from '../journal/journal.ts';
import type { Queryable } from '../../postgres/session.ts';
import { connectAs } from '../ends/connect.ts';
import { environmentNamed } from '../ends/environments.ts';
import { restrictSource } from '../ends/restriction.ts';
import { whyInUse } from '../ends/in-use.ts';
import { openMaintenance } from '../ends/maintenance.ts';
import { markedDatabases } from '../ends/marker.ts';
import type { MarkedDatabase } from '../ends/marker.ts';
import { examineSearch } from './examine-search.ts';
import { rehearsalStates, rehearsalWords } from './rehearsals.ts';
import { testEnvironment } from './test-environment.ts';
import { sharedFinding } from './shared-words.ts';
import { untriedBecause } from '../ends/tried-servers.ts';
import type { VerbDeps } from '../contract/run.ts';

export interface Finding {
  /** `ok`: fine. `note`: worth knowing. `fault`: a run would fail. */
  readonly level: 'ok' | 'note' | 'fault';
  readonly subject: string;
  readonly finding: string;
  readonly remedy: string | null;
}

const gigabyte = 1024 ** 3;

/**
 * Looks at everything a run needs and says what is wrong and what mends it. Changes nothing. `names`: of the
 * environments to look at; none means all of them.
 */
export async function examine(
  deps: VerbDeps,
  names: readonly string[],
  options: { readonly signal: AbortSignal },
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  findings.push(...(await examineDirectories(deps)));
  for (const name of names.length === 0 ? deps.config.environments.keys() : names)
    findings.push(...(await examineEnvironment(deps, name, options)));
  findings.push(...(await examineRehearsals(deps, names)));
  if (deps.config.environments.size === 0) {
    findings.push({
      level: 'fault',
      subject: 'configuration',
      finding: 'There is no environment.',
      remedy: 'Set NAME_DATABASE_URL for each database.',
    });
  }
  return findings;
}

async function examineDirectories({ config }: VerbDeps): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const [name, path] of Object.entries(config.directories)) {
    const subject = `${name} directory`;
    try {
      await refuseOthersDirectory(path);
      await access(path, constants.W_OK);
      const { bavail, bsize } = await statfs(path);
      const free = bavail * bsize;
      findings.push({
        level: free < gigabyte ? 'note' : 'ok',
        subject,
        finding: `${(free / gigabyte).toFixed(1)} GB free`,
        remedy: free < gigabyte ? 'Free some space, or remove old dumps.' : null,
      });
    } catch (error) {
      if (error instanceof SyncError) {
        findings.push({ level: 'fault', subject, finding: error.message, remedy: error.hint });
        continue;
      }
      const missing = (error as { code?: string }).code === 'ENOENT';
      findings.push({
        level: missing ? 'ok' : 'fault',
        subject,
        finding: missing ? 'does not exist yet; the first run makes it' : 'cannot be written to',
        remedy: missing ? null : 'Give this user the right to write there.',
      });
    }
  }
  return findings;
}

/** Whether dumps can be restored, of environments that were ever rehearsed. */
async function examineRehearsals(
  { config, now }: VerbDeps,
  names: readonly string[],
): Promise<readonly Finding[]> {
  const states = await rehearsalStates(config);
  return states
    .filter(({ environment }) => names.length === 0 || names.includes(environment))
    .map((state) => ({
      level: state.failed === null ? 'ok' : 'note',
      subject: `${state.environment}: dumps`,
      finding: rehearsalWords(state, now()),
      remedy:
        state.failed === null ? null : `Look at that job (multiboard-sync jobs show ${state.failed.jobId}).`,
    }));
}

async function examineEnvironment(
  deps: VerbDeps,
  name: string,
  options: { readonly signal: AbortSignal },
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const test = await testEnvironment(deps, name, options);
  if (test.database.ok) {
    const { serverVersionNum, bytes, superuser, createsDatabases, owns } = test.database;
    const rights = superuser
      ? 'superuser'
      : owns && createsDatabases
        ? 'owner with CREATEDB'
        : owns
          ? 'owner without CREATEDB'
          : 'not the owner';
    findings.push({
      level: owns || superuser ? 'ok' : 'note',
      subject: `${name}: database`,
      finding: `PostgreSQL ${Math.floor(serverVersionNum / 10_000)}.${serverVersionNum % 10_000}, ${(bytes / gigabyte).toFixed(2)} GB, ${rights}`,
      remedy:
        owns && !createsDatabases
          ? 'As a target it is replaced in place; GRANT CREATEDB makes replacing by rename possible.'
          : null,
    });
    findings.push(...untriedFinding(deps, name, test.database));
    findings.push(...(await examineSchemas(deps, name, options)));
    findings.push(...(await examineLeftovers(deps, name, options)));
  } else {
    findings.push({
      level: 'fault',
      subject: `${name}: database`,
      finding: test.database.error.message,
      remedy: test.database.error.hint,
    });
  }
  if (test.search !== null) {
    const missing = test.search.ok ? test.search.missingActions : [];
    findings.push(
      test.search.ok
        ? {
            level: missing.length === 0 ? 'ok' : 'fault',
            subject: `${name}: search`,
            finding:
              missing.length === 0
                ? `Typesense ${test.search.nodes.map(({ version }) => version).join(', ')}`
                : `the key lacks ${missing.join(', ')}`,
            remedy: missing.length === 0 ? null : 'Create a key with these actions.',
          }
        : {
            level: 'fault',
            subject: `${name}: search`,
            finding: test.search.error.message,
            remedy: test.search.error.hint,
          },
    );
    if (test.search.ok && test.database.ok)
      findings.push(...(await examineSearch(deps, { environment: name, thorough: false }, options)));
    if (test.search.ok)
      findings.push(...test.search.sharedWith.map((shared) => sharedFinding(`${name}: search`, shared)));
  }
  return findings;
}

function untriedFinding(
  { config }: VerbDeps,
  name: string,
  { serverVersionNum, serverVersion }: { readonly serverVersionNum: number; readonly serverVersion: string },
): readonly Finding[] {
  const because = untriedBecause({ versionNum: serverVersionNum, version: serverVersion });
  if (because === null) return [];
  const allowed = config.sync.untriedServers;
  return [
    {
      level: allowed ? 'note' : 'fault',
      subject: `${name}: server`,
      finding: `It ${because}${allowed ? ', which SYNC_UNTRIED_SERVERS allows' : ''}.`,
      remedy: allowed ? null : errorCatalogue.SOURCE_SERVER_UNTRIED.hint,
    },
  ];
}

/** A database that a run made or put aside beside the live one. */
async function ownDatabase(
  { environments }: VerbDeps['config'],
  session: Queryable,
  database: MarkedDatabase,
  options: { readonly signal: AbortSignal },
): Promise<Pick<Finding, 'finding' | 'remedy'>> {
  const { name, marker } = database;
  const kept = marker.role === 'kept';
  const until = marker.until === undefined ? '' : ` until ${new Date(marker.until).toISOString()}`;
  const what = `database "${name}" ${kept ? `is kept${until} for undo of` : 'was left by, or belongs to, the running'} job ${marker.jobId}`;
  const inUse = await whyInUse(session, environments, database, options);
  if (inUse === null)
    return { finding: what, remedy: kept ? null : 'The next run on this target removes it.' };
  return { finding: `${what}; ${inUse}`, remedy: 'No run removes it as long as this is so.' };
}

/** Which schemas runs are about; nothing where they are about the whole database. */
async function examineSchemas(
  { config }: VerbDeps,
  name: string,
  options: { readonly signal: AbortSignal },
): Promise<readonly Finding[]> {
  const subject = `${name}: schemas`;
  try {
    const asker = { id: 'doctor', connect: connectAs('doctor'), ...options };
    const { source, notes } = await restrictSource(asker, environmentNamed(config, name), undefined);
    if (source.schemas === null) return [];
    const finding = notes[0] ?? `runs are about ${source.schemas.join(', ')} alone`;
    return [{ level: 'ok', subject, finding, remedy: null }];
  } catch (error) {
    return [
      { level: 'fault', subject, finding: errorReport(error).message, remedy: errorReport(error).hint },
    ];
  }
}

/** Databases and journals of dead runs; the next run on this target removes them. */
async function examineLeftovers(
  { config }: VerbDeps,
  name: string,
  options: { readonly signal: AbortSignal },
): Promise<readonly Finding[]> {
  const environment = config.environments.get(name);
  if (environment === undefined) return [];
  const subject = `${name}: leftovers`;
  try {
    const findings: Finding[] = [];
    const beside = await openMaintenance(
      { id: 'doctor', connect: connectAs('doctor'), ...options },
      environment.database,
    );
    if (beside !== null) {
      await using _open = beside;
      const live = environment.database.parts.database;
      const { own, ...strays } = await markedDatabases(beside, live, options);
      for (const database of own)
        findings.push({ level: 'note', subject, ...(await ownDatabase(config, beside, database, options)) });
      if (strays.live !== null) {
        findings.push({
          level: 'note',
          subject,
          finding:
            `database "${live}" is live, though a note of job ${strays.live.marker.jobId} says that it was put ` +
            'aside; the note is ignored',
          remedy: 'The next run on this target removes the note.',
        });
      }
      for (const { name: database, marker } of strays.renamed) {
        findings.push({
          level: 'note',
          subject,
          finding: `database "${database}" was renamed after job ${marker.jobId} had put it aside: no run removes it`,
          remedy: 'It is yours: keep it, or drop it.',
        });
      }
    }
    for (const { jobId } of await unfinishedJournals(config, (target) => target === name, '')) {
      findings.push({
        level: 'note',
        subject,
        finding: `job ${jobId} is running, or died`,
        remedy: 'If it died, the next run on this target finishes or removes what it left.',
      });
    }
    return findings;
  } catch (error) {
    return [
      { level: 'fault', subject, finding: errorReport(error).message, remedy: errorReport(error).hint },
    ];
  }
}
