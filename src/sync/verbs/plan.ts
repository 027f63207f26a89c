import { refuseUnswitchable } from '../switch/why-not.ts';
import { randomBytes } from 'node:crypto';
import { compareModels } from '../../catalog/compare.ts';
import type { CompareOptions } from '../../catalog/compare.ts';
import type { Difference } from '../../catalog/difference.ts';
import type { RoleMap } from '../../catalog/map-roles.ts';
import type { Config } from '../../config/config.ts';
import { once } from '../../lib/once.ts';
import { withReleasers } from '../../lib/releasers.ts';
import type { ImportPlan } from '../../plan/import-plan.ts';
import type { PreparedPlan } from '../../plan/prepare-plan.ts';
import { leavesObjects, meetsTarget, modes } from '../../plan/modes.ts';
import type { Mode } from '../../plan/modes.ts';
import type { SchemaNames } from '../../plan/schema-names.ts';
import { withoutStaying } from '../../plan/without-staying.ts';
import { agreed } from '../prove/without-exceptions.ts';
import { Blockers } from '../check/blockers.ts';
import { plannedDocuments } from '../check/planned-documents.ts';
import { askedOf } from '../check/asked.ts';
import { checkRequest, prepareSync } from '../check/check-sync.ts';
import type { Prepared, SyncRequest } from '../check/check-sync.ts';
import type { Environment } from '../../environments/environment.ts';
import type { Inspection } from '../contract/run.ts';
import { connectAs } from '../ends/connect.ts';
import { environmentNamed } from '../ends/environments.ts';
import { restrictEnds } from '../ends/restriction.ts';
import { sessionsOfReading, sessionsOfReplacing } from '../capacity/sessions-needed.ts';
import { openSource } from '../source/open-source.ts';
import type { OpenSource } from '../source/open-source.ts';
import { lookAtTarget, planPrefix } from '../ends/look-at-target.ts';
import type { TargetLook } from '../ends/look-at-target.ts';
import { otherNamesOf, refuseSourceOnly } from '../ends/protected.ts';
import type { Plan, PlanInput, PlannedTable } from '../contract/plan.ts';
import { exactRows } from '../differing/exact-rows.ts';
import type { ExactRows } from '../differing/exact-rows.ts';
import { plannedLargeObjects, plannedTables } from '../source/planned-rows.ts';
import { withUntriedServers } from '../ends/tried-servers.ts';
import type { VerbDeps } from '../contract/run.ts';

/** Reads both ends and says what a sync would do. Changes nothing, takes no lock but ACCESS SHARE on the source. */
export async function planSync(
  deps: VerbDeps,
  input: PlanInput,
  options: { readonly signal: AbortSignal },
): Promise<Plan> {
  const config = withUntriedServers(deps.config, input.untriedServers === true);
  const named = {
    source: environmentNamed(config, input.source),
    target: environmentNamed(config, input.target),
  };
  // Tells its sessions from those of others who make a plan.
  const id = `${planPrefix}${randomBytes(4).toString('hex')}`;
  const run: Inspection = { ...deps, config, id, signal: options.signal, connect: connectAs(id) };
  const asked = askedOf(config, named.target, input);
  const blockers = new Blockers(options.signal);
  const limits = await blockers.attempt(() => restrictEnds(run, { ...named, asked: input.schemas }));
  const { source: from, target: to } = limits ?? named;
  const request = { from, to, confirm: to.name, asked };
  return withReleasers(async (releasers) => {
    await checkRequest(request, blockers);
    const untilEnd = async <T extends AsyncDisposable>(opening: Promise<T>): Promise<T> => {
      const opened = await opening;
      releasers.defer(() => opened[Symbol.asyncDispose]());
      return opened;
    };
    const found = await prepareSync(
      run,
      request,
      {
        target: () => untilEnd(lookAtTarget(run, to)),
        source: (opening) => untilEnd(openSource(run, { ...opening, workers: config.sync.workers })),
      },
      blockers,
      { confirmed: false },
    );
    await blockers.attempt(() => unswitchable(run, found));
    const names = await namesOfTarget(run, to, found.target, blockers);
    const { choice } = found.checked;
    const exact = input.estimate === true || blockers.list.length > 0 ? null : await countRows(run, found);
    return {
      type: 'plan',
      source: from.name,
      target: to.name,
      mode: choice?.mode ?? null,
      modeReason: choice?.reason ?? null,
      backup: asked.backup,
      safety: modes[choice?.mode ?? 'replace'].safety[asked.backup],
      protected: to.protection === 'protected' || names.protected,
      ...whatHappens(config, request, found, exact),
      ...whatItTakes(config, request, found),
      collections: await plannedDocuments(run, request, found, { exact: exact !== null }),
      ...whatToKnow(found, [...(limits?.notes ?? []), ...names.notes, ...(exact?.notes ?? [])]),
      blockers: blockers.list,
    };
  });
}

type Found = Prepared<TargetLook>;

/** Whether the target's database is protected under another name; a `source-only` one is a blocker. */
async function namesOfTarget(
  run: Inspection,
  to: Environment,
  look: TargetLook | null,
  blockers: Blockers,
): Promise<{ readonly protected: boolean; readonly notes: readonly string[] }> {
  if (look === null) return { protected: false, notes: [] };
  const { environments } = run.config;
  const notAsked = await blockers.attempt(() => refuseSourceOnly(run, environments, to, look.facts));
  const { same } =
    to.protection === 'protected'
      ? { same: [] }
      : await otherNamesOf(run, environments, to, look.facts, 'protected');
  return {
    protected: same.length > 0,
    notes: [
      ...same.map((name) => `"${to.name}" is the database of "${name}", which is protected.`),
      ...(notAsked ?? []),
    ],
  };
}

async function unswitchable(run: Inspection, { target, checked }: Found): Promise<void> {
  const plan = checked.prepared?.plan ?? null;
  if (target === null || plan === null) return;
  const { environment, model, asked } = target;
  await refuseUnswitchable(asked, { name: environment.name, plan, model, choice: checked.choice }, run);
}

/** What happens to each row, if both ends and what to do with them are known. */
async function countRows(
  run: Inspection,
  { source, target, checked: { prepared } }: Found,
): Promise<ExactRows | null> {
  const plan = prepared?.plan ?? null;
  if (source === null || target === null || plan === null) return null;
  const within = { ...run, signal: source.signal };
  const found = await exactRows(within, { source, target, plan });
  await source.prove();
  return found;
}

/** Table by table and object by object. */
function whatHappens(
  config: Config,
  { from, to, asked: { leaveOut, roles } }: SyncRequest,
  { names, source, target: look, checked: { choice, prepared } }: Found,
  exact: ExactRows | null,
): Pick<Plan, 'schemas' | 'tables' | 'largeObjects' | 'differences'> {
  const plan = prepared?.plan ?? null;
  if (plan === null || source === null || look === null)
    return { schemas: names, tables: [], largeObjects: null, differences: null };
  const sides = { left: `in ${to.name}`, right: `in ${from.name}` };
  const { leftOut = [], narrowed = [] } = prepared ?? {};
  const ends = {
    source,
    look,
    names,
    mode: choice?.mode ?? null,
    leaveOut,
    leftOut,
    narrowed,
    roles,
    plan,
    sides,
  };
  return {
    schemas: names,
    tables: plannedTables(plan, source.model, look.model).map((table) => withRows(table, exact)),
    largeObjects: plannedLargeObjects(plan, source.model, look.model),
    // Where rows alone are changed, other definitions are in the way, and are named there.
    differences:
      prepared?.decided !== true ? null : leavesObjects(ends.mode) ? [] : differencesOf(config, ends),
  };
}

function withRows(planned: PlannedTable, exact: ExactRows | null): PlannedTable {
  const rows = exact?.rows.get(planned.table);
  if (rows === undefined) return planned;
  const { sourceRows, targetRows, action } = planned;
  return {
    ...planned,
    rows,
    sourceRows: sourceRows === null || action !== 'copy' ? sourceRows : rows.keep + rows.update + rows.insert,
    targetRows: targetRows === null ? null : rows.keep + rows.update + rows.delete,
  };
}

/** Room and sessions. */
function whatItTakes(
  config: Config,
  { asked: { backup } }: SyncRequest,
  { source, target: look, checked: { choice, selection } }: Found,
): Pick<Plan, 'connections' | 'sessions' | 'targetBytesNeeded' | 'dumpBytesNeeded'> {
  const copied = bytesOf((selection?.tables ?? []).filter(({ policy }) => policy === 'sync'));
  const present = bytesOf(look?.model.tables ?? []);
  const objectBytes = selection?.largeObjects === true ? (source?.model.largeObjects.bytes ?? 0) : 0;
  const presentObjectBytes = look?.model.largeObjects.bytes ?? 0;
  const rowsAlone = leavesObjects(choice?.mode ?? null);
  const newDatabase = choice !== null && !meetsTarget(choice.mode);
  const endsSessions = choice === null || modes[choice.mode].endsSessions;
  return {
    connections: {
      source: sessionsOfReading(config.sync.workers).all,
      target: sessionsOfReplacing(config.sync.workers, { copies: backup === 'file' }).all,
    },
    sessions: (endsSessions ? (look?.sessions ?? []) : []).map(({ pid, role, application }) => ({
      pid,
      role,
      application,
    })),
    // Nobody knows before which rows differ, and how many.
    targetBytesNeeded: rowsAlone
      ? 0
      : newDatabase
        ? Math.max(source?.databaseBytes ?? 0, copied + objectBytes)
        : copied + objectBytes,
    // Large objects are written as two hexadecimal digits a byte.
    dumpBytesNeeded: rowsAlone
      ? 0
      : copied + 2 * objectBytes + (backup === 'file' ? present + 2 * presentObjectBytes : 0),
  };
}

function bytesOf(tables: readonly { readonly bytes: number }[]): number {
  return tables.reduce((sum, { bytes }) => sum + bytes, 0);
}

function whatToKnow(
  { source, checked: { selection, prepared, ofSource, mentioned, notes, warnings } }: Found,
  ofNames: readonly string[],
): Pick<Plan, 'masking' | 'leftOut' | 'warnings'> {
  return {
    masking: source?.masked?.told ?? null,
    leftOut: once([...(selection?.named ?? []), ...(prepared?.leftOut ?? [])]),
    warnings: once([
      ...ofNames,
      ...ofSource,
      ...(selection?.leftOut ?? []),
      ...mentioned,
      ...notes,
      ...(prepared?.warnings ?? []),
      ...(prepared?.forecasts ?? []),
      ...warnings,
    ]),
  };
}

interface BothEnds {
  readonly source: OpenSource;
  readonly look: TargetLook;
  readonly names: SchemaNames | null;
  readonly mode: Mode | null;
  readonly leaveOut: readonly string[];
  /** Identities in the source. */
  readonly leftOut: readonly string[];
  readonly narrowed: PreparedPlan['narrowed'];
  readonly roles: RoleMap;
  readonly plan: ImportPlan;
  readonly sides: NonNullable<CompareOptions['sides']>;
}

/** Objects of a source as the plan takes them: grants and policies without the roles that the target lacks. */
function narrowedBy(
  objects: OpenSource['model']['objects'],
  narrowed: PreparedPlan['narrowed'],
): OpenSource['model']['objects'] {
  const byId = new Map(narrowed.map((object) => [object.id, object]));
  return objects.map((object) => {
    const { sql, roles } = byId.get(object.id) ?? object;
    return { ...object, sql, roles };
  });
}

/**
 * Objects of the target that appear, vanish or change; not those that stay as they are (left out in place, excluded,
 * kept).
 */
function differencesOf(
  config: Config,
  { source, look, names, mode, leaveOut, leftOut, narrowed, roles, plan, sides }: BothEnds,
): readonly Difference[] {
  const ends = {
    source: agreed(
      { ...source.model, objects: narrowedBy(source.model.objects, narrowed) },
      { leaveOut: [...leaveOut, ...leftOut], roles },
    ).model,
    target: meetsTarget(mode) ? agreed(look.model, { leaveOut, roles: {} }).model : look.model,
  };
  const touched = withoutStaying(ends.source, ends.target, plan);
  return compareModels(touched.target, touched.source, {
    // What is not copied does not change; grants are written as what differs from the owner's own rights.
    owners: !plan.leftOutKinds.has('owner'),
    privileges: !plan.leftOutKinds.has('owner') && !plan.leftOutKinds.has('privileges'),
    renamed: names === null ? null : { left: names.target, right: names.source },
    databaseSettings: config.sync.databaseSettings === 'source',
    sides,
  });
}
