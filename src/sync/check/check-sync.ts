import type { Environment } from '../../environments/environment.ts';
import type { ImportPlan } from '../../plan/import-plan.ts';
import { leavesObjects, modes } from '../../plan/modes.ts';
import { rulesOf, schemaNames } from '../../plan/schema-names.ts';
import { unmatchedRules } from '../../plan/unmatched-rules.ts';
import type { SchemaNames } from '../../plan/schema-names.ts';
import { select } from '../../plan/select.ts';
import type { Selection } from '../../plan/select.ts';
import { checkQueries } from '../../search/check-queries.ts';
import { refuseShrinking } from '../../search/refuse-shrinking.ts';
import { tryDocuments } from '../../search/try-documents.ts';
import type { Checks } from './blockers.ts';
import { checkMerge } from './check-merge.ts';
import { checkTarget } from './check-target.ts';
import type { CheckedTarget, TargetEnd } from './check-target.ts';
import { diskWarnings } from './disk-room.ts';
import { offerOf } from '../source/offer.ts';
import type { OpenSource, OpenSourceInput } from '../source/open-source.ts';
import { checkOldOrder } from './collations/check.ts';
import { checkEncodings } from './encodings/check.ts';
import { checkLongRows } from '../source/long-rows/check.ts';
import { askSearch } from './ask-search.ts';
import type { AskedSearch, AskSearchInput } from './ask-search.ts';
import { refuseWithoutSearch } from './asked.ts';
import { checkMasked } from '../masking/check-masked.ts';
import { maskingFor } from '../masking/masking-for.ts';
import { checkMigrations } from './migrations/check-migrations.ts';
import { readHistories } from '../source/read-histories.ts';
import { checkReferences } from './references/check-references.ts';
import { extensionMentions } from '../source/extension-mentions.ts';
import { refuseMissingSchemas } from '../source/missing-schemas.ts';
import { refuseEmpty } from '../source/refuse-empty.ts';
import { untriedWarnings } from '../ends/tried-servers.ts';
import { checkTwoDatabases } from './refuse-same-database.ts';
import type { Asked } from '../contract/import-run.ts';
import type { Inspection } from '../contract/run.ts';
import { checkTargetAllowed } from '../ends/opened-target.ts';

/** What a sync is asked for. */
export interface SyncRequest {
  readonly from: Environment;
  readonly to: Environment;
  readonly confirm: string;
  readonly asked: Asked;
}

export interface CheckedSync extends CheckedTarget {
  readonly selection: Selection | null;
  /** A sentence for each thing of the source to know about. */
  readonly ofSource: readonly string[];
  /** Collection → documents, guessed; null without a search or where its queries cannot be asked. */
  readonly documents: ReadonlyMap<string, number> | null;
  /** Of the source: texts of extensions' rows that name a renamed schema. */
  readonly mentioned: readonly string[];
  /** A sentence for each thing about both ends that a person should know. */
  readonly notes: readonly string[];
}

/** How the two ends are opened; each is asked once, the target first, and closed by the caller. */
export interface SyncEnds<T extends TargetEnd> {
  readonly target: () => Promise<T>;
  readonly source: (
    input: Pick<OpenSourceInput, 'environment' | 'policies' | 'secrets' | 'tablespaces' | 'masking'>,
  ) => Promise<OpenSource>;
}

export interface Prepared<T extends TargetEnd> {
  readonly names: SchemaNames | null;
  readonly source: OpenSource | null;
  readonly target: T | null;
  readonly checked: CheckedSync;
}

/** What is known without a connection. */
export async function checkRequest(request: SyncRequest, checks: Checks): Promise<void> {
  const { to } = request;
  await checks.attempt(() => checkTargetAllowed(to, request.confirm));
  if (request.asked.search) await checks.attempt(() => refuseWithoutSearch(to));
}

/**
 * Opens both ends and makes every check that can be made before a row is read, in one order: a plan shows all their
 * faults, a sync ends with the first of the same ones. Only reads; the source's tables are locked against changes of
 * their definition (ACCESS SHARE).
 */
export async function prepareSync<T extends TargetEnd>(
  run: Inspection,
  request: SyncRequest,
  ends: SyncEnds<T>,
  checks: Checks,
  { confirmed }: Pick<AskSearchInput, 'confirmed'>,
): Promise<Prepared<T>> {
  const { config } = run;
  const { from, to, asked } = request;
  const names = await checks.attempt(() => schemaNames(from.schema, to.schema));
  const policies = rulesOf(config.tablePolicies, names, 'source');
  const target = await checks.attempt(ends.target);
  const search =
    asked.search && to.search !== null
      ? await checks.attempt(() =>
          askSearch(run, { environment: to, collections: config.collections, confirmed }),
        )
      : null;
  const source = await checks.attempt(() =>
    ends.source({ ...config.sync, environment: from, masking: maskingFor(from, to, asked), policies }),
  );
  if (source !== null && target !== null)
    await checks.attempt(() => checkTwoDatabases(source, target.facts, from.name, to.name));
  const both = { request, names, source, target };
  const chosen = await checkChoice(run, both, checks);
  const { selection } = chosen;
  const checked =
    target === null
      ? null
      : await checkTarget(
          run,
          target,
          source === null || selection === null ? null : offerOf(source.model, selection),
          { asked, names },
          checks,
        );
  const plan = checked?.prepared?.plan ?? null;
  const migrations = await checkHistories(run, both, plan, checks);
  // Before the references: what is to become of their rows is a part of it.
  const merging = await checkMerging(run, both, checked, checks);
  const references = await checkParents(run, both, checked, checks);
  const ofRows = selection === null ? [] : await checkTexts(run, both, selection, checks);
  const disk = selection === null ? [] : await checkDisk(run, both, selection);
  // Last: a query that the server refuses leaves the snapshot's transaction of no use for others.
  const documents = await checkDocuments(run, both, selection, checked, { checks, confirmed, search });
  return {
    names,
    source,
    target,
    checked: {
      choice: checked?.choice ?? null,
      rights: checked?.rights ?? null,
      prepared: checked?.prepared ?? null,
      warnings: [...(checked?.warnings ?? []), ...(migrations?.differ ?? [])],
      ofSource:
        source === null
          ? []
          : [
              ...untriedWarnings(source.model.server, `The server of "${from.name}"`),
              ...source.notes,
              ...ofRows,
            ],
      selection,
      documents,
      mentioned: chosen.mentioned,
      notes: all(chosen.notes, migrations?.own, references, merging, disk, search?.notes),
    },
  };
}

/** The two ends, each null where it could not be opened. */
interface BothEnds {
  readonly request: SyncRequest;
  readonly names: SchemaNames | null;
  readonly source: OpenSource | null;
  readonly target: TargetEnd | null;
}

/** What takes part: policies, and what the options leave out. */
async function checkChoice(
  run: Inspection,
  { request, names, source, target }: BothEnds,
  checks: Checks,
): Promise<{
  readonly selection: Selection | null;
  readonly notes: readonly string[];
  readonly mentioned: readonly string[];
}> {
  if (source === null) return { selection: null, notes: [], mentioned: [] };
  const { config } = run;
  const policies = rulesOf(config.tablePolicies, names, 'source');
  await checks.attempt(() => refuseMissingSchemas(source.model, request.from.name));
  const selection = await checks.attempt(() =>
    select(source.model, { rules: policies, leaveOut: request.asked.leaveOut }),
  );
  const tables = target === null ? null : { source: source.model.tables, target: target.model.tables };
  const unmatched = tables === null ? null : unmatchedRules(config.tablePolicies, tables, names);
  for (const fault of unmatched?.faults ?? []) checks.add(fault);
  await checks.attempt(() => refuseEmpty(source, config.mustHaveRows, names, run));
  const mentioned =
    names === null ? null : await checks.attempt(() => extensionMentions(source.leader, names, run));
  return { selection, notes: unmatched?.notes ?? [], mentioned: mentioned ?? [] };
}

function all(...notes: readonly (readonly string[] | null | undefined)[]): readonly string[] {
  return notes.flatMap((some) => some ?? []);
}

/** Whether kept rows and the source's find each other. Only a merge can do something about those whose parent goes. */
async function checkParents(
  run: Inspection,
  { request: { asked }, source, target }: BothEnds,
  checked: CheckedTarget | null,
  checks: Checks,
): Promise<readonly string[] | null> {
  const plan = checked?.prepared?.plan ?? null;
  if (source === null || target === null || plan === null) return null;
  const orphans = leavesObjects(checked?.choice?.mode ?? null) ? asked.orphans : null;
  return checks.attempt(() => checkReferences({ source, target, plan, orphans }, checks, run));
}

/** What mode merge needs besides; a sentence for each thing to know. */
async function checkMerging(
  run: Inspection,
  { request: { from, to, asked }, names, source, target }: BothEnds,
  checked: CheckedTarget | null,
  checks: Checks,
): Promise<readonly string[]> {
  const plan = checked?.prepared?.plan ?? null;
  if (source === null || target === null || plan === null) return [];
  if (!leavesObjects(checked?.choice?.mode ?? null)) return [];
  const ends = { source: from.name, target: to.name };
  return checkMerge(run, { source: source.model, target, names, asked, plan, ends }, checks);
}

/** Migrations that only one end has applied. */
async function checkHistories(
  run: Inspection,
  { request, source, target }: BothEnds,
  plan: ImportPlan | null,
  checks: Checks,
): Promise<{ readonly own: readonly string[]; readonly differ: readonly string[] } | null> {
  if (source === null || target === null || plan === null) return null;
  return checks.attempt(async () => {
    const own = await readHistories(source.leader, source.model, run);
    const input = { name: request.to.name, asked: target.asked, target: target.model, plan };
    const ignore = request.asked.ignoreMigrations;
    const differ = await checkMigrations(own.histories, { ...input, ignore }, checks, run);
    return { own: own.notes, differ };
  });
}

/** Rows that the target's encoding, or a line of COPY, has no place for. */
async function checkTexts(
  run: Inspection,
  { request: { from, to }, source, target }: BothEnds,
  selection: Selection,
  checks: Checks,
): Promise<readonly string[]> {
  if (source === null) return [];
  const read = new Set(withRows(selection).map(({ id }) => id));
  const { largeObjects } = selection;
  const masks = await checks.attempt(() =>
    checkMasked({ ...source, read, largeObjects, name: from.name }, run),
  );
  const texts =
    target === null
      ? null
      : await checks.attempt(() =>
          checkEncodings(source, selection, target.model, { source: from.name, target: to.name }, run),
        );
  const long = await checks.attempt(() =>
    checkLongRows(source.database, withRows(selection), from.name, 'source', run),
  );
  const order = await checks.attempt(() => checkOldOrder(source.leader, from.name, source.model, run));
  return [...(masks ?? []), ...(texts ?? []), ...(long ?? []), ...(order ?? [])];
}

/** Whether the disks here have room for what is written. */
async function checkDisk(
  { config }: Inspection,
  { request, target }: BothEnds,
  selection: Selection,
): Promise<readonly string[]> {
  if (target === null) return [];
  const dump = {
    what: `The dump of "${request.from.name}"`,
    directory: config.directories.dumps,
    bytes: bytesOf(withRows(selection)),
  };
  const copy = {
    what: `the safety copy of "${request.to.name}"`,
    directory: config.directories.backups,
    bytes: bytesOf(target.model.tables),
  };
  return diskWarnings(config, request.asked.backup === 'file' ? [dump, copy] : [dump]);
}

/** The queries of the search's documents, asked of the source; how many there will be, guessed. */
async function checkDocuments(
  { config, signal }: Inspection,
  { request, source }: BothEnds,
  selection: Selection | null,
  checked: CheckedTarget | null,
  {
    checks,
    confirmed,
    search,
  }: {
    readonly checks: Checks;
    readonly confirmed: boolean;
    readonly search: AskedSearch | null;
  },
): Promise<ReadonlyMap<string, number> | null> {
  if (source === null || !request.asked.search) return null;
  const { schema } = request.from;
  const asked = { signal, side: 'source' } as const;
  const documents = await checks.attempt(() =>
    checkQueries(source.leader, config.collections, schema, asked),
  );
  const choice = checked?.choice ?? null;
  const followsCommit = choice !== null && modes[choice.mode].searchAfterCommit;
  // What ends the search after the commit is found before it. Where all rows are the source's, so are the documents.
  const ownRows = selection?.tables.every(({ policy }) => policy === 'sync') === true;
  if (documents !== null && ownRows)
    await checks.attempt(() =>
      refuseShrinking(
        source.leader,
        { collections: config.collections, schema, live: search?.live ?? new Map(), expected: documents },
        asked,
      ),
    );
  // Of masked rows no document may come here.
  const asTheyAre = source.masked === null;
  if (asTheyAre && documents !== null && ownRows && confirmed && followsCommit)
    await checks.attempt(() => tryDocuments(source.leader, config.collections, schema, asked));
  return documents;
}

function withRows({ tables }: Selection): Selection['tables'] {
  return tables.filter(({ policy }) => policy === 'sync');
}

function bytesOf(tables: readonly { readonly bytes: number }[]): number {
  return tables.reduce((sum, { bytes }) => sum + bytes, 0);
}
