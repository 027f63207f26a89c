import { asSyncError, errorReport, SyncError } from '../../errors/sync-error.ts';
import { bytesInWords, counted } from '../../progress/words.ts';
import { checkQueries } from '../../search/check-queries.ts';
import { checkSearch } from '../../search/check-search.ts';
import type { CollectionConfig } from '../../search/collection-config.ts';
import { compareLive } from '../../search/compare-live.ts';
import type { LiveComparison } from '../../search/compare-live.ts';
import { inSnapshot } from '../../search/in-snapshot.ts';
import { lookForRoom } from '../../search/look-for-room.ts';
import { needOf } from '../../search/room.ts';
import { refuseShrunk } from '../../search/shrink-guard.ts';
import { testCluster } from '../../search/test-cluster.ts';
import type { Environment } from '../../environments/environment.ts';
import type { Inspection, VerbDeps } from '../contract/run.ts';
import { askSearch } from '../check/ask-search.ts';
import { connectAs, sourceEnd } from '../ends/connect.ts';
import { environmentNamed } from '../ends/environments.ts';
import type { Finding } from './doctor.ts';

const side = 'source';
/** Above that a look at everything leaves the documents to `search check`. */
const comparedMax = 100_000;

export interface ExamineSearchInput {
  readonly environment: string;
  /** Tries in Typesense whether it takes each collection, and compares however many documents there are. */
  readonly thorough: boolean;
}

/**
 * What a rebuild of an environment's search would meet, collection by collection: whether the query can be read, the
 * alias be one, Typesense take the fields, the disk hold them; and how many documents it would add, change and remove.
 * Changes nothing but for the trial (`thorough`), whose collections are empty and removed at once.
 */
export async function examineSearch(
  deps: VerbDeps,
  { environment: name, thorough }: ExamineSearchInput,
  { signal }: { readonly signal: AbortSignal },
): Promise<readonly Finding[]> {
  const environment = environmentNamed(deps.config, name);
  const { search: cluster } = environment;
  if (cluster === null) {
    if (!thorough) return [];
    throw new SyncError('CONFIG_SEARCH_MISSING', `The environment "${name}" has no Typesense.`);
  }
  const run: Inspection = { ...deps, id: 'search-check', signal, connect: connectAs('search-check') };
  const findings: Finding[] = [];
  const attempt = async <T>(subject: string, work: () => Promise<T>): Promise<T | null> => {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      const { message, hint } = errorReport(asSyncError(error));
      findings.push({ level: 'fault', subject, finding: message, remedy: hint });
      return null;
    }
  };
  const subject = `${name}: search`;
  const { collections } = deps.config;
  if (thorough)
    await attempt(subject, async () => {
      const aliases = collections.map((collection) => collection.name);
      const { missingActions } = await testCluster(cluster, { signal, aliases });
      if (missingActions.length > 0)
        throw new SyncError('AUTH_SEARCH', `The key lacks ${missingActions.join(', ')}.`);
    });
  const notes = await attempt(subject, async () => askNotes(run, environment, thorough));
  for (const finding of notes ?? []) findings.push({ level: 'note', subject, finding, remedy: null });
  let bytes = 0;
  for (const collection of collections) {
    const compared = await attempt(`${subject} ${collection.name}`, () =>
      compareOne(run, environment, collection, thorough),
    );
    if (compared === null) continue;
    if (compared === 'many') {
      findings.push({
        level: 'note',
        subject: `${subject} ${collection.name}`,
        finding: 'too many documents to compare in passing',
        remedy: `multiboard-sync search check ${name}`,
      });
      continue;
    }
    bytes += compared.bytes;
    findings.push(findingOf(`${subject} ${collection.name}`, compared));
    await attempt(`${subject} ${collection.name}`, async () => {
      refuseShrunk(collection, { live: compared.stored, documents: compared.documents });
    });
  }
  if (bytes > 0) {
    const room = await attempt(subject, () => lookForRoom({ cluster }, bytes, { signal }));
    findings.push(
      ...(room ?? []).map(({ url, memory }): Finding => {
        const needed = needOf(bytes).memory;
        return {
          level: memory < needed ? 'note' : 'ok',
          subject,
          finding:
            `a rebuild needs about ${bytesInWords(needed)} of memory while old and new are there, and at most ` +
            `${bytesInWords(needOf(bytes).disk)} of disk; ${url} has ${bytesInWords(memory)} of memory free`,
          remedy: memory < needed ? 'Give Typesense more memory, or index fewer fields.' : null,
        };
      }),
    );
  }
  return findings;
}

/** What the search itself says; a trial where one is wanted and the environment may be written to. */
async function askNotes(
  run: Inspection,
  environment: Environment,
  thorough: boolean,
): Promise<readonly string[]> {
  const { collections } = run.config;
  if (thorough) return (await askSearch(run, { environment, collections, confirmed: true })).notes;
  if (environment.search === null) return [];
  const deps = { cluster: environment.search, now: run.now };
  const { referring } = await checkSearch(deps, { collections, runId: run.id, tries: false }, run);
  return referring;
}

async function compareOne(
  run: Inspection,
  environment: Environment,
  collection: CollectionConfig,
  thorough: boolean,
): Promise<LiveComparison | 'many'> {
  const { signal } = run;
  const { search: cluster, schema } = environment;
  if (cluster === null) return 'many';
  await using database = run.connect(sourceEnd(environment), { access: 'read', connections: 1 });
  return await inSnapshot(database, signal, async (session) => {
    const documents = await checkQueries(session, [collection], schema, { signal, side });
    if (!thorough && (documents.get(collection.name) ?? 0) > comparedMax) return 'many';
    const [compared] = await compareLive(
      { cluster },
      session,
      { collections: [collection], schema, side },
      { signal },
    );
    return compared ?? 'many';
  });
}

function findingOf(subject: string, { documents, collection, differences }: LiveComparison): Finding {
  const has = counted(documents, 'document');
  if (differences === null)
    return { level: 'ok', subject, finding: `${has}, as in the database`, remedy: null };
  if (collection === null)
    return { level: 'note', subject, finding: `not built yet; it will have ${has}`, remedy: null };
  const { missing, different, foreign, foreignKeys } = differences;
  const lost =
    foreignKeys.length === 0
      ? ''
      : `; ${foreignKeys.join(', ')}: written by another program, which a rebuild loses`;
  return {
    level: 'note',
    subject,
    finding: `a rebuild adds ${missing}, changes ${different} and removes ${foreign} of ${has}${lost}`,
    remedy: null,
  };
}
