import type { Database } from '../postgres/database.ts';
import type { Session } from '../postgres/session.ts';
import type { Reporter } from '../progress/progress.ts';
import { readAlias } from './aliases.ts';
import type { AliasState } from './aliases.ts';
import { awaitReplayed } from './await-replayed.ts';
import { buildEstimate } from './build-estimate.ts';
import type { BuildEstimate } from './build-estimate.ts';
import type { BuiltCollection } from './built-collection.ts';
import { carrySettings } from './carry-settings.ts';
import { checkCluster } from './check-cluster.ts';
import type { ClusterFacts } from './check-cluster.ts';
import { checkQueries } from './check-queries.ts';
import type { CollectionConfig } from './collection-config.ts';
import { newCollectionName } from './collection-names.ts';
import { createCollection } from './create-collection.ts';
import { discardCollections } from './discard-collections.ts';
import { refuseNoDocuments } from './document-rows.ts';
import { dropCollection } from './drop-collection.ts';
import { inSnapshot } from './in-snapshot.ts';
import { importCollection } from './import-collection.ts';
import { isUnchanged } from './keep-unchanged.ts';
import { referringFields, referringWords } from './referring-fields.ts';
import { RejectedDocuments } from './rejected-documents.ts';
import { withRetries } from './retry.ts';
import { timingOf } from './search-deps.ts';
import type { SearchDeps, SearchTiming } from './search-deps.ts';
import { SearchNodes } from './search-node.ts';
import { refuseShrunk } from './shrink-guard.ts';
import { verifyCollection } from './verify-collection.ts';

export interface BuildDeps extends SearchDeps {
  /** Where the documents come from; read only. */
  readonly database: Database;
  /** The schema's name, unquoted, that stands for `{schema}`. */
  readonly schema: string;
}

export interface BuildInput {
  readonly collections: readonly CollectionConfig[];
  /** Becomes part of the new collections' names. */
  readonly runId: string;
  /** The mark of the lock under which they are built (lock-mark.ts); null if it is not known. */
  readonly lockMark: string | null;
  /** A collection that is already what a rebuild would make stays. */
  readonly keepUnchanged?: boolean | undefined;
  /** Told of the documents that cannot be searched, before the error that names them. */
  readonly onRejected?: ((collection: string, rejects: RejectedDocuments) => void) | undefined;
  /** Called when a new collection could not be removed after a failure. */
  readonly onLeft?: (() => void) | undefined;
}

export interface BuildOptions {
  readonly signal: AbortSignal;
  readonly report: Reporter;
}

/**
 * Builds a new collection for each configured one, beside the live ones, and proves each equal to the database, or
 * keeps the live one that is (`keepUnchanged`); moves no alias. All are read in one snapshot, one after the other (a
 * second one side by side would need a second CPU of the search server, and twice the memory here). Reports items of
 * the step `search-build`, which the caller starts.
 *
 * On any failure or abort the new collections are removed again (what could not be is logged). Memory: about 20 MiB.
 * Errors: AUTH_SEARCH, SEARCH_*, MISMATCH_SEARCH, those of the database connection; the signal's reason.
 */
export async function buildCollections(
  deps: BuildDeps,
  input: BuildInput,
  options: BuildOptions,
): Promise<readonly BuiltCollection[]> {
  const { signal, report } = options;
  const timing = timingOf(deps);
  const created: { alias: string; collection: string }[] = [];
  try {
    using nodes = new SearchNodes(deps.cluster, timing, signal);
    const facts = await checkCluster(nodes, timing, signal);
    await awaitReplayed(nodes, timing, signal, report);
    const states = new Map<string, AliasState>();
    for (const { name } of input.collections) {
      states.set(
        name,
        await withRetries(timing.adminAttempts, timing, signal, () => readAlias(nodes.first, name)),
      );
    }
    const aliases = input.collections.map(({ name }) => name);
    const referring = await withRetries(timing.adminAttempts, timing, signal, () =>
      referringFields(nodes.first, aliases),
    );
    for (const field of referring) report.log('warn', referringWords(field));
    return await inSnapshot(deps.database, signal, async (session) => {
      const { side } = deps.database;
      const expected = await checkQueries(session, input.collections, deps.schema, { signal, side });
      const estimate = buildEstimate(report, expected);
      const built: BuiltCollection[] = [];
      for (const config of input.collections) {
        const before = states.get(config.name) ?? { pointsTo: null, collection: null };
        const collection = newCollectionName(config.name, deps.now(), input);
        created.push({ alias: config.name, collection });
        const rejects = new RejectedDocuments();
        const run = { deps, config, collection, before, nodes, facts, session, timing, estimate, rejects };
        try {
          const one = await buildCollection({ ...run, keepUnchanged: input.keepUnchanged === true }, options);
          if (one.unchanged) created.pop();
          built.push(one);
        } finally {
          if (rejects.count > 0) input.onRejected?.(config.name, rejects);
        }
      }
      return built;
    });
  } catch (error) {
    if (!(await discard(deps, created, report))) input.onLeft?.();
    signal.throwIfAborted();
    throw error;
  }
}

interface CollectionRun {
  readonly deps: BuildDeps;
  readonly config: CollectionConfig;
  readonly collection: string;
  readonly before: AliasState;
  readonly nodes: SearchNodes;
  readonly facts: ClusterFacts;
  readonly session: Session;
  readonly timing: SearchTiming;
  readonly estimate: BuildEstimate;
  readonly rejects: RejectedDocuments;
  readonly keepUnchanged: boolean;
}

async function buildCollection(run: CollectionRun, options: BuildOptions): Promise<BuiltCollection> {
  const { deps, config, collection, before, nodes, facts, session, timing, estimate, rejects } = run;
  const { signal, report } = options;
  const startedAt = deps.now();
  const previous = before.collection?.name ?? null;
  report.itemStarted(config.name, { rows: before.collection?.documents ?? null });
  await createCollection(nodes.first, { facts, config, collection, previous }, timing, signal);
  const live = before.collection;
  if (run.keepUnchanged && live !== null && live.name === before.pointsTo) {
    const { schema } = deps;
    const { side } = deps.database;
    const kept = { nodes, facts, session, side, schema, config, timing, live, fresh: collection };
    if (await isUnchanged(kept, signal)) {
      await dropCollection(nodes.first, config.name, collection, timing);
      return keptCollection(run, live, startedAt, report);
    }
  }
  await carrySettings(nodes.first, facts, previous, collection);
  const sent = await importCollection(
    { session, side: deps.database.side, now: deps.now },
    { node: nodes.first, config, collection, timing, rejects },
    deps.schema,
    { signal, report, onBytes: (bytes) => estimate.sent(config.name, bytes) },
  );
  const { documents } = sent.contents;
  refuseNoDocuments(config, documents);
  refuseShrunk(config, { live: before.collection?.documents ?? 0, documents });
  await verifyCollection(nodes, session, { config, collection, schema: deps.schema, sent, facts }, timing, {
    signal,
    report,
  });
  estimate.done(config.name);
  report.itemDone(config.name);
  return {
    alias: config.name,
    collection,
    aliasBefore: before.pointsTo,
    previous,
    unchanged: false,
    documents: sent.contents.documents,
    bytes: sent.bytes,
    seconds: (deps.now() - startedAt) / 1000,
  };
}

/** The live collection as what was built; it was compared with the database just now. */
function keptCollection(
  { deps, config, estimate }: CollectionRun,
  { name, documents }: NonNullable<AliasState['collection']>,
  startedAt: number,
  report: Reporter,
): BuiltCollection {
  estimate.done(config.name);
  report.itemDone(config.name);
  return {
    alias: config.name,
    collection: name,
    aliasBefore: name,
    previous: name,
    unchanged: true,
    documents,
    bytes: 0,
    seconds: (deps.now() - startedAt) / 1000,
  };
}

/** Whether all of them are gone. */
async function discard(
  deps: SearchDeps,
  created: readonly { readonly alias: string; readonly collection: string }[],
  report: Reporter,
): Promise<boolean> {
  if (created.length === 0) return true;
  const { left } = await discardCollections(deps, created);
  for (const { collection, error } of left) {
    report.log('warn', 'A new collection could not be removed; the next run removes it.', {
      collection,
      reason: error.message,
    });
  }
  return left.length === 0;
}
