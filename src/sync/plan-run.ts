import { compareModels } from '../catalog/compare.ts';
import type { Difference } from '../catalog/difference.ts';
import type { RoleMap } from '../catalog/map-roles.ts';
import type { Config } from '../config/config.ts';
import { withReleasers } from '../lib/releasers.ts';
import { belongsToOthers, extensionsMade } from '../plan/belongs-to-others.ts';
import { preparePlan } from '../plan/prepare-plan.ts';
import type { PreparedPlan } from '../plan/prepare-plan.ts';
import { rulesOf, schemaNames } from '../plan/schema-names.ts';
import type { SchemaNames } from '../plan/schema-names.ts';
import { select } from '../plan/select.ts';
import type { Selection } from '../plan/select.ts';
import { checkQueries } from '../search/check-queries.ts';
import { agreed } from './agreed.ts';
import { Blockers } from './blockers.ts';
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
import type { Plan, PlanInput } from './plan.ts';
import { plannedLargeObjects, plannedTables } from './planned-rows.ts';
import { checkTwoDatabases } from './two-ends.ts';
import type { VerbDeps } from './verbs.ts';

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
  const roles = { ...config.sync.roles, ...input.roles };
  const blockers = new Blockers(options.signal);
  return withReleasers(async (releasers) => {
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
      look === null || rights === null
        ? null
        : await blockers.attempt(() =>
            chooseMode(look.facts, look.maintenance, input.mode ?? 'auto', {
              ...options,
              keepsSettings: config.sync.databaseSettings === 'target',
              rights,
              others: belongsToOthers(look.model, rights, extensionsMade(selection?.objects ?? [], leaveOut)),
            }),
          );
    if (choice?.inTheWay) blockers.add(choice.inTheWay);
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
              { source, selection, look, rights, names, leaveOut, roles, mode: choice?.mode ?? null },
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
          : differencesOf(config, { source, look, names, mode: choice?.mode ?? null, leaveOut, roles }),
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
  });
}

interface BothEnds {
  readonly source: OpenSource;
  readonly selection: Selection;
  readonly look: TargetLook;
  readonly rights: TargetRights;
  readonly names: SchemaNames | null;
  readonly mode: 'replace' | 'in-place' | null;
  readonly leaveOut: readonly string[];
  readonly roles: RoleMap;
}

/** Objects of the target that appear, vanish or change; not those that are left out, which stay there in place. */
function differencesOf(
  config: Config,
  { source, look, names, mode, leaveOut, roles }: Omit<BothEnds, 'selection' | 'rights'>,
): readonly Difference[] {
  const there = mode === 'in-place' ? agreed(look.model, { leaveOut, roles: {} }).model : look.model;
  return compareModels(there, agreed(source.model, { leaveOut, roles }).model, {
    owners: true,
    privileges: true,
    renamed: names === null ? null : { left: names.target, right: names.source },
    databaseSettings: config.sync.databaseSettings === 'source',
  });
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
    roles: ends.roles,
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
