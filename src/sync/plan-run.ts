import type { Difference } from '../catalog/difference.ts';
import { compareModels } from '../catalog/compare.ts';
import type { CatalogModel } from '../catalog/model.ts';
import { errorReport } from '../errors/sync-error.ts';
import type { ErrorReport } from '../errors/sync-error.ts';
import { Releasers } from '../lib/releasers.ts';
import { planImport } from '../plan/import-plan.ts';
import type { ImportPlan } from '../plan/import-plan.ts';
import { select } from '../plan/select.ts';
import type { Selection } from '../plan/select.ts';
import { checkQueries } from '../search/check-queries.ts';
import { environmentNamed } from './environments.ts';
import { checkKeptColumns } from './load/keep-rows.ts';
import { openSource } from './source/open-source.ts';
import type { OpenSource } from './source/open-source.ts';
import { refuseEmpty } from './source/refuse-empty.ts';
import { checkRoles } from './target/check-roles.ts';
import { chooseMode } from './target/choose-mode.ts';
import { lookAtTarget } from './target/look-at-target.ts';
import type { TargetLook } from './target/look-at-target.ts';
import { checkTargetAllowed } from './target/open-target.ts';
import { checkSchemas, checkTwoDatabases } from './two-ends.ts';
import type { BackupChoice, ImportMode, VerbDeps } from './verbs.ts';

export interface PlanInput {
  readonly source: string;
  readonly target: string;
  readonly mode?: ImportMode | undefined;
  readonly backup?: BackupChoice | undefined;
  readonly search?: boolean | undefined;
  readonly owners?: boolean | undefined;
  readonly privileges?: boolean | undefined;
}

export interface PlannedTable {
  readonly table: string;
  /** `copy`: the source's rows. `keep`: the target's. `empty`: none. */
  readonly action: 'copy' | 'keep' | 'empty';
  /** From the servers' statistics: guesses. Null where the table does not exist. */
  readonly sourceRows: number | null;
  readonly targetRows: number | null;
  /** In the source, exact. */
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
  readonly tables: readonly PlannedTable[];
  /** Objects of the target that appear, vanish or change. */
  readonly differences: readonly Difference[];
  readonly collections: readonly { readonly name: string; readonly documentsEstimated: number }[];
  /** Sessions that would be ended at the switch. */
  readonly sessions: readonly { readonly pid: number; readonly role: string; readonly application: string }[];
  /** Room the target server needs beside what it has, bytes, until the undo time is over. */
  readonly targetBytesNeeded: number;
  /** Room in the dump directories, bytes, before compression. */
  readonly dumpBytesNeeded: number;
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

  async attempt<T>(check: () => T | Promise<T>): Promise<T | null> {
    try {
      return await check();
    } catch (error) {
      this.#signal.throwIfAborted();
      this.list.push(errorReport(error));
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
  const blockers = new Blockers(options.signal);
  const releasers = new Releasers();
  try {
    await blockers.attempt(() => checkTargetAllowed(to, to.name));
    await blockers.attempt(() => checkSchemas(from, to));
    const source = await blockers.attempt(async () => {
      const opened = await openSource(
        {
          environment: from,
          jobId,
          policies: config.tablePolicies,
          secrets: config.sync.secrets,
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
      source === null ? null : await blockers.attempt(() => select(source.model, config.tablePolicies));
    if (source !== null) await blockers.attempt(() => refuseEmpty(source, config.mustHaveRows, options));
    const choice =
      look === null
        ? null
        : await blockers.attempt(() =>
            chooseMode(look.facts, look.maintenance, input.mode ?? 'auto', options),
          );
    const documents =
      source === null || !search
        ? null
        : await blockers.attempt(() =>
            checkQueries(source.leader, config.collections, from.schema, {
              signal: options.signal,
              side: 'source',
            }),
          );
    const plan =
      selection === null || source === null || look === null
        ? null
        : await blockers.attempt(() => importPlan(deps, source, selection, look, input));
    if (plan !== null && look !== null && source !== null) {
      await blockers.attempt(() => checkKeptColumns(plan.keep));
      await blockers.attempt(() => checkRoles(to, plan.objects, source.model.extensions, jobId, options));
    }
    const copied =
      selection?.tables
        .filter(({ policy }) => policy === 'sync')
        .reduce((sum, { bytes }) => sum + bytes, 0) ?? 0;
    const present = look?.model.tables.reduce((sum, { bytes }) => sum + bytes, 0) ?? 0;
    return {
      type: 'plan',
      source: from.name,
      target: to.name,
      mode: choice?.mode ?? null,
      modeReason: choice?.reason ?? null,
      backup,
      protected: to.protection === 'protected',
      tables:
        plan === null || source === null || look === null
          ? []
          : plannedTables(plan, source.model, look.model),
      differences:
        source === null || look === null
          ? []
          : compareModels(look.model, source.model, {
              owners: true,
              privileges: true,
              databaseSettings: config.sync.databaseSettings === 'source',
            }),
      collections: [...(documents ?? [])].map(([name, documentsEstimated]) => ({ name, documentsEstimated })),
      sessions: (look?.sessions ?? []).map(({ pid, role, application }) => ({ pid, role, application })),
      targetBytesNeeded: choice?.mode === 'replace' ? Math.max(source?.databaseBytes ?? 0, copied) : copied,
      dumpBytesNeeded: copied + (backup === 'file' ? present : 0),
      warnings: [...(selection?.leftOut ?? []), ...(plan?.warnings ?? [])],
      blockers: blockers.list,
    };
  } finally {
    await releasers.release();
  }
}

function importPlan(
  deps: VerbDeps,
  source: OpenSource,
  selection: Selection,
  look: TargetLook,
  input: PlanInput,
): ImportPlan {
  const { config } = deps;
  return planImport({
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
      columns: table.columns.map(({ name, type, notNull, generated }) => ({
        name,
        type,
        notNull,
        generated,
      })),
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

function plannedTables(
  plan: ImportPlan,
  source: CatalogModel,
  target: CatalogModel,
): readonly PlannedTable[] {
  const find = (model: CatalogModel, { schema, name }: { readonly schema: string; readonly name: string }) =>
    model.tables.find((table) => table.schema === schema && table.name === name);
  const row =
    (action: PlannedTable['action']) =>
    (table: { readonly schema: string; readonly name: string }): PlannedTable => ({
      table: `${table.schema}.${table.name}`,
      action,
      sourceRows: find(source, table)?.rowsEstimated ?? null,
      targetRows: find(target, table)?.rowsEstimated ?? null,
      bytes: find(source, table)?.bytes ?? 0,
    });
  return [
    ...plan.load.map(row('copy')),
    ...plan.keep.map(({ table }) => row('keep')(table)),
    ...plan.empty.map(row('empty')),
  ].sort((a, b) => (a.table < b.table ? -1 : 1));
}
