import type { Difference } from '../catalog/difference.ts';
import { compareModels } from '../catalog/compare.ts';
import type { CatalogModel } from '../catalog/model.ts';
import { errorReport } from '../errors/sync-error.ts';
import type { ErrorReport } from '../errors/sync-error.ts';
import { Releasers } from '../lib/releasers.ts';
import type { ImportPlan } from '../plan/import-plan.ts';
import { preparePlan } from '../plan/prepare-plan.ts';
import type { PreparedPlan } from '../plan/prepare-plan.ts';
import { onOtherEnd, rulesOf, schemaNames } from '../plan/schema-names.ts';
import type { SchemaNames } from '../plan/schema-names.ts';
import { select } from '../plan/select.ts';
import type { Selection } from '../plan/select.ts';
import { checkQueries } from '../search/check-queries.ts';
import { environmentNamed } from './environments.ts';
import { checkKeptColumns } from './load/keep-rows.ts';
import { openSource } from './source/open-source.ts';
import type { OpenSource } from './source/open-source.ts';
import { extensionMentions } from './source/extension-mentions.ts';
import { refuseEmpty } from './source/refuse-empty.ts';
import { chooseMode } from './target/choose-mode.ts';
import { lookAtTarget } from './target/look-at-target.ts';
import type { TargetLook } from './target/look-at-target.ts';
import { checkTargetAllowed } from './target/open-target.ts';
import { checkSafetyCopy } from './target/check-safety-copy.ts';
import { readTargetRights } from './target/target-rights.ts';
import type { TargetRights } from '../plan/target-rights.ts';
import { checkTwoDatabases } from './two-ends.ts';
import type { BackupChoice, ImportMode, VerbDeps } from './verbs.ts';

export interface PlanInput {
  readonly source: string;
  readonly target: string;
  readonly mode?: ImportMode | undefined;
  readonly backup?: BackupChoice | undefined;
  readonly search?: boolean | undefined;
  readonly owners?: boolean | undefined;
  readonly privileges?: boolean | undefined;
  readonly leaveOut?: readonly string[] | undefined;
  readonly roles?: Readonly<Record<string, string>> | undefined;
}

export interface PlannedTable {
  /** As the target will have it. */
  readonly table: string;
  /** `copy`: the source's rows. `keep`: the target's. `empty`: none. */
  readonly action: 'copy' | 'keep' | 'empty';
  /** From the servers' statistics: guesses. Null where the table does not exist. */
  readonly sourceRows: number | null;
  readonly targetRows: number | null;
  /** In the source, exact. */
  readonly bytes: number;
}

/** Large objects have no names: how many there are, and what happens to them together. */
export interface PlannedLargeObjects {
  readonly action: PlannedTable['action'];
  readonly sourceObjects: number;
  readonly targetObjects: number;
  /** On the source's disk, exact. */
  readonly bytes: number;
}

/** What a sync would do; made by reading both ends and changing neither. */
export interface Plan {
  readonly type: 'plan';
  readonly source: string;
  readonly target: string;
  readonly mode: 'replace' | 'in-place' | null;
  readonly modeReason: string | null;
  readonly backup: BackupChoice;
  /** Whether the target is protected: then every interface asks for its name. */
  readonly protected: boolean;
  /** Where the schema of the application's tables gets another name; null where it has the same on both ends. */
  readonly schemas: SchemaNames | null;
  readonly tables: readonly PlannedTable[];
  /** Null where neither end has any. */
  readonly largeObjects: PlannedLargeObjects | null;
  /** Objects of the target that appear, vanish or change. */
  readonly differences: readonly Difference[];
  readonly collections: readonly { readonly name: string; readonly documentsEstimated: number }[];
  /** Sessions that would be ended at the switch. */
  readonly sessions: readonly { readonly pid: number; readonly role: string; readonly application: string }[];
  /** Room the target server needs beside what it has, bytes, until the undo time is over. */
  readonly targetBytesNeeded: number;
  /** Room in the dump directories, bytes, before compression. */
  readonly dumpBytesNeeded: number;
  /** Identities of objects that the options leave out. */
  readonly leftOut: readonly string[];
  readonly warnings: readonly string[];
  /** Why it would fail; a plan with any of these does not run. */
  readonly blockers: readonly ErrorReport[];
}

/** Collects what each check has against the run, instead of stopping at the first. */
class Blockers {
  readonly list: ErrorReport[] = [];
  readonly #signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  add(error: unknown): void {
    this.list.push(errorReport(error));
  }

  async attempt<T>(check: () => T | Promise<T>): Promise<T | null> {
    try {
      return await check();
    } catch (error) {
      this.#signal.throwIfAborted();
      this.add(error);
      return null;
    }
  }
}

/** Reads both ends and says what a sync would do. Changes nothing, takes no lock but ACCESS SHARE on the source. */
export async function planSync(
  deps: VerbDeps,
  input: PlanInput,
  options: { readonly signal: AbortSignal },
): Promise<Plan> {
  const { config } = deps;
  const from = environmentNamed(config, input.source);
  const to = environmentNamed(config, input.target);
  const jobId = 'plan';
  const search = input.search ?? (to.search !== null && config.collections.length > 0);
  const backup = input.backup ?? config.sync.backup;
  const leaveOut = [...config.sync.leaveOut, ...(input.leaveOut ?? [])];
  const blockers = new Blockers(options.signal);
  const releasers = new Releasers();
  try {
    await blockers.attempt(() => checkTargetAllowed(to, to.name));
    const names = await blockers.attempt(() => schemaNames(from.schema, to.schema));
    const sourceRules = rulesOf(config.tablePolicies, names, 'source');
    const source = await blockers.attempt(async () => {
      const opened = await openSource(
        {
          environment: from,
          jobId,
          policies: sourceRules,
          secrets: config.sync.secrets,
          tablespaces: config.sync.tablespaces,
          workers: 1,
        },
        options,
      );
      releasers.defer(() => opened[Symbol.asyncDispose]());
      return opened;
    });
    const look = await blockers.attempt(async () => {
      const looked = await lookAtTarget(to, jobId, options);
      releasers.defer(() => looked[Symbol.asyncDispose]());
      return looked;
    });
    if (source !== null && look !== null)
      await blockers.attempt(() => checkTwoDatabases(source, look.facts, from.name, to.name));
    const selection =
      source === null
        ? null
        : await blockers.attempt(() => select(source.model, { rules: sourceRules, leaveOut }));
    if (source !== null)
      await blockers.attempt(() => refuseEmpty(source, config.mustHaveRows, names, options));
    const mentioned =
      source === null || names === null
        ? null
        : await blockers.attempt(() => extensionMentions(source.leader, names, options));
    const rights = look === null ? null : await blockers.attempt(() => readTargetRights(to, jobId, options));
    const choice =
      look === null
        ? null
        : await blockers.attempt(() =>
            chooseMode(look.facts, look.maintenance, input.mode ?? 'auto', {
              ...options,
              keepsSettings: config.sync.databaseSettings === 'target',
            }),
          );
    if (look !== null && backup === 'file')
      await blockers.attempt(() => checkSafetyCopy(to, look.model, { jobId, leaveOut }, options));
    const documents =
      source === null || !search
        ? null
        : await blockers.attempt(() =>
            checkQueries(source.leader, config.collections, from.schema, {
              signal: options.signal,
              side: 'source',
            }),
          );
    const prepared =
      selection === null || source === null || look === null || rights === null
        ? null
        : await blockers.attempt(() =>
            importPlan(
              deps,
              { source, selection, look, rights, names, leaveOut, mode: choice?.mode ?? null },
              input,
            ),
          );
    for (const fault of prepared?.faults ?? []) blockers.add(fault);
    const plan = prepared?.plan ?? null;
    const columns =
      plan === null
        ? null
        : await blockers.attempt(() => checkKeptColumns(to, plan.keep, names, { ...options, jobId }));
    const copied =
      selection?.tables
        .filter(({ policy }) => policy === 'sync')
        .reduce((sum, { bytes }) => sum + bytes, 0) ?? 0;
    const present = look?.model.tables.reduce((sum, { bytes }) => sum + bytes, 0) ?? 0;
    const objectBytes = selection?.largeObjects === true ? (source?.model.largeObjects.bytes ?? 0) : 0;
    const presentObjectBytes = look?.model.largeObjects.bytes ?? 0;
    return {
      type: 'plan',
      source: from.name,
      target: to.name,
      mode: choice?.mode ?? null,
      modeReason: choice?.reason ?? null,
      backup,
      protected: to.protection === 'protected',
      schemas: names,
      tables:
        plan === null || source === null || look === null
          ? []
          : plannedTables(plan, source.model, look.model),
      largeObjects:
        plan === null || source === null || look === null
          ? null
          : plannedLargeObjects(plan, source.model, look.model),
      differences:
        source === null || look === null
          ? []
          : compareModels(look.model, source.model, {
              owners: true,
              privileges: true,
              renamed: names === null ? null : { left: names.target, right: names.source },
              databaseSettings: config.sync.databaseSettings === 'source',
            }),
      collections: [...(documents ?? [])].map(([name, documentsEstimated]) => ({ name, documentsEstimated })),
      sessions: (look?.sessions ?? []).map(({ pid, role, application }) => ({ pid, role, application })),
      targetBytesNeeded:
        choice?.mode === 'replace'
          ? Math.max(source?.databaseBytes ?? 0, copied + objectBytes)
          : copied + objectBytes,
      // Large objects are written as two hexadecimal digits a byte.
      dumpBytesNeeded: copied + 2 * objectBytes + (backup === 'file' ? present + 2 * presentObjectBytes : 0),
      leftOut: [...(selection?.named ?? []), ...(prepared?.leftOut ?? [])],
      warnings: [
        ...(selection?.leftOut ?? []),
        ...(mentioned ?? []),
        ...(prepared?.warnings ?? []),
        ...(columns ?? []),
      ],
      blockers: blockers.list,
    };
  } finally {
    await releasers.release();
  }
}

interface BothEnds {
  readonly source: OpenSource;
  readonly selection: Selection;
  readonly look: TargetLook;
  readonly rights: TargetRights;
  readonly names: SchemaNames | null;
  readonly mode: 'replace' | 'in-place' | null;
  readonly leaveOut: readonly string[];
}

function importPlan(deps: VerbDeps, ends: BothEnds, input: PlanInput): PreparedPlan {
  const { config } = deps;
  const { source, selection, look, rights, names, mode } = ends;
  return preparePlan({
    names,
    rights,
    mode,
    sourceVersionNum: source.model.server.versionNum,
    leaveOut: ends.leaveOut,
    roles: { ...config.sync.roles, ...input.roles },
    objects: selection.objects.map((object) => ({
      ...object,
      dependsOn: [...object.dependsOn],
      locks: [...object.locks],
      roles: [...object.roles],
      tablespaces: [...object.tablespaces],
    })),
    tables: selection.tables.map((table) => ({
      id: table.id,
      schema: table.schema,
      name: table.name,
      columns: table.columns.map((column) => ({ ...column })),
      keyColumns: [...table.keyColumns],
      content: table.policy === 'sync' ? 'rows' : 'definition',
      rows: table.rowsEstimated,
      rawBytes: table.bytes,
      digest: null,
      loadThrough: table.loadThrough,
      extensionConfig: table.extensionConfig,
      condition: table.condition,
    })),
    sequences: [...source.model.sequences],
    target: look.model,
    rules: config.tablePolicies,
    owners: input.owners ?? config.sync.owners,
    privileges: input.privileges ?? config.sync.privileges,
    databaseSettings: config.sync.databaseSettings === 'source',
  });
}

function plannedLargeObjects(
  plan: ImportPlan,
  source: CatalogModel,
  target: CatalogModel,
): PlannedLargeObjects | null {
  const [there, here] = [source.largeObjects, target.largeObjects];
  if (there.count + here.count === 0) return null;
  // A source without any empties the target as well.
  const copies = plan.largeObjects === 'copy' || (plan.largeObjects === 'none' && there.count === 0);
  return {
    action: plan.largeObjects === 'keep' ? 'keep' : copies ? 'copy' : 'empty',
    sourceObjects: there.count,
    targetObjects: here.count,
    bytes: there.bytes,
  };
}

function plannedTables(
  plan: ImportPlan,
  source: CatalogModel,
  target: CatalogModel,
): readonly PlannedTable[] {
  const find = (model: CatalogModel, { schema, name }: { readonly schema: string; readonly name: string }) =>
    model.tables.find((table) => table.schema === schema && table.name === name);
  type Named = { readonly schema: string; readonly name: string };
  const row = (action: PlannedTable['action'], here: Named, there: Named): PlannedTable => ({
    table: `${there.schema}.${there.name}`,
    action,
    sourceRows: find(source, here)?.rowsEstimated ?? null,
    targetRows: find(target, there)?.rowsEstimated ?? null,
    bytes: find(source, here)?.bytes ?? 0,
  });
  const fromDump = (action: PlannedTable['action']) => (table: Named) =>
    row(action, table, onOtherEnd(plan.names, table));
  return [
    ...plan.load.map(fromDump('copy')),
    ...plan.keep.map(({ table }) => row('keep', onOtherEnd(plan.names, table), table)),
    ...plan.empty.map(fromDump('empty')),
  ].sort((a, b) => (a.table < b.table ? -1 : 1));
}
