import { checkDefusal } from './defusal.ts';
import type { CatalogModel } from '../../catalog/model.ts';
import type { Config } from '../../config/config.ts';
import type { Environment } from '../../environments/environment.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { belongsToOthers, extensionsMade } from '../../plan/belongs-to-others.ts';
import { extensionsNamed } from '../../plan/target-rights.ts';
import type { ImportPlan } from '../../plan/import-plan.ts';
import { meetsTarget, modes, needsSafetyCopy } from '../../plan/modes.ts';
import { preparePlan } from '../../plan/prepare-plan.ts';
import type { PreparedPlan } from '../../plan/prepare-plan.ts';
import type { SchemaNames } from '../../plan/schema-names.ts';
import type { Database } from '../../postgres/database.ts';
import type { Queryable } from '../../postgres/session.ts';
import type { Checks } from './blockers.ts';
import { checkOldOrder } from './collations/check.ts';
import { checkReadableTexts } from './encodings/check.ts';
import { checkKeptColumns, pairsOf } from '../kept/kept-tables.ts';
import { checkLongRows } from '../source/long-rows/check.ts';
import { checkLocksInPlace } from './capacity/locks-in-place.ts';
import { checkReplacingSessions } from './capacity/replacing-sessions.ts';
import { checkUniqueKeys } from './references/check-unique-keys.ts';
import { warnBehindPooler } from './behind-a-pooler.ts';
import { boundElsewhere, boundExtensions } from './bound-extensions.ts';
import { contentsOfSafetyCopy } from './check-safety-copy.ts';
import { checkTouching } from './check-touching.ts';
import { chooseMode } from './choose-mode.ts';
import { whyShutOut } from './shut-out.ts';
import type { TargetFacts } from '../ends/target-facts.ts';
import { readTargetRights } from '../ends/target-rights.ts';
import { untriedWarnings } from '../ends/tried-servers.ts';
import type { TargetRights } from '../../plan/target-rights.ts';
import type { Selection } from '../../plan/select.ts';
import { lackWords } from '../../plan/lack-words.ts';
import { planWayBack, undoLacks } from '../../plan/way-back.ts';
import { offerOf } from '../source/offer.ts';
import type { Offer } from '../../plan/offer.ts';
import type { BackupChoice } from '../contract/inputs.ts';
import type { Asked, ModeChoice, Undoing } from '../contract/import-run.ts';
import type { Inspection } from '../contract/run.ts';
import { noWayBack } from './no-way-back.ts';

/** A target as the checks see it; no lock is taken. */
export interface TargetEnd {
  readonly environment: Environment;
  readonly facts: TargetFacts;
  readonly maintenance: Queryable | null;
  readonly model: CatalogModel;
  /** For what else is to be known of it. */
  readonly asked: Database;
}

export interface TargetCheckInput {
  readonly asked: Asked;
  readonly names: SchemaNames | null;
  /** Of an undo. */
  readonly undoing?: Undoing | undefined;
}

export interface CheckedTarget {
  readonly choice: ModeChoice | null;
  readonly rights: TargetRights | null;
  readonly prepared: PreparedPlan | null;
  /** A sentence for each decision about kept rows. */
  readonly warnings: readonly string[];
}

/**
 * Everything that is known of a target before a row is read for it: the mode, the safety copy, the plan, the kept rows.
 * The same for a plan, for a sync before it reads the source, and for every import of a dump. Only reads. `offer` is
 * null where the source is not known: then only what the target says by itself is checked.
 */
export async function checkTarget(
  run: Inspection,
  target: TargetEnd,
  offer: Offer | null,
  input: TargetCheckInput,
  checks: Checks,
): Promise<CheckedTarget> {
  const { config, signal } = run;
  const options = { signal };
  const { environment, facts, model, asked } = target;
  const { name } = environment;
  const { backup, leaveOut } = input.asked;
  const stays = input.undoing?.stays ?? [];
  const extensions = extensionsNamed(offer?.objects ?? [], model.objects);
  const rights = await checks.attempt(() => readTargetRights(asked, name, extensions, options));
  const { choice, sessions, bound } = await checkMode(run, target, offer, rights, input, checks);
  if (choice !== null && choice.inTheWay !== null) checks.add(choice.inTheWay);
  if (choice !== null) await checks.attempt(() => refuseWithoutUndo(choice, backup));
  const copy =
    backup === 'file'
      ? await checks.attempt(() =>
          contentsOfSafetyCopy(asked, { environment, model, leaveOut: [...leaveOut, ...stays] }, options),
        )
      : null;
  const prepared =
    offer === null || rights === null
      ? null
      : await checks.attempt(() =>
          planOf(config, offer, { rights, mode: choice?.mode ?? null, model }, input),
        );
  for (const fault of prepared?.faults ?? []) checks.add(fault);
  const back = {
    copy: copy?.selection ?? null,
    rights,
    prepared,
    databaseSettings: config.sync.databaseSettings === 'source',
    secrets: config.sync.secrets,
  };
  const lacks =
    choice !== null && needsSafetyCopy(choice.mode)
      ? await checks.attempt(() => checkWayBack(target, input, back))
      : null;
  const pooler =
    choice === null
      ? []
      : await checks.attempt(() =>
          warnBehindPooler(asked, { ...target.environment, mode: choice.mode }, options),
        );
  const plan = prepared?.plan ?? null;
  const defusal = await checks.attempt(() => checkDefusal(environment, choice, input.undoing));
  const ofPlan = plan === null ? null : await checkPlanThere(run, target, plan, choice, input, checks);
  const readTables = backup === 'file' ? model.tables : pairsOf(plan?.keep ?? []).map(({ live }) => live);
  const texts = await checks.attempt(() => checkReadableTexts(asked, name, model, readTables, options));
  const long = await checks.attempt(() => checkLongRows(asked, readTables, name, 'target', options));
  const untried = untriedWarnings(model.server, `The server of "${name}"`);
  const order = await checks.attempt(() =>
    asked.withSession((session) => checkOldOrder(session, name, model, options), options.signal),
  );
  return {
    choice,
    rights,
    prepared,
    warnings: [
      ...untried,
      ...(meetsTarget(choice?.mode ?? null) && bound !== null && rights !== null
        ? boundElsewhere(bound, rights.installed, facts.name)
        : []),
      ...(defusal ?? []),
      ...sessions,
      ...(pooler ?? []),
      ...(copy?.warnings ?? []),
      ...lackWords(lacks ?? []),
      ...(ofPlan?.locks ?? []),
      ...(texts ?? []),
      ...(long ?? []),
      ...(order ?? []),
      ...(ofPlan?.columns ?? []),
    ],
  };
}

/** The mode in which the run is possible, and what it depends on. */
async function checkMode(
  run: Inspection,
  { environment, facts, maintenance, model, asked }: TargetEnd,
  offer: Offer | null,
  rights: TargetRights | null,
  { asked: { mode, backup, leaveOut } }: TargetCheckInput,
  checks: Checks,
): Promise<{
  readonly choice: ModeChoice | null;
  /** A sentence for each thing to know about sessions. */
  readonly sessions: readonly string[];
  readonly bound: Awaited<ReturnType<typeof boundExtensions>> | null;
}> {
  const { config, signal } = run;
  const { name } = environment;
  const sessions = await checks.attempt(() =>
    checkReplacingSessions(run, asked, {
      name,
      workers: config.sync.workers,
      copies: backup === 'file',
    }),
  );
  const makes = extensionsMade(offer?.objects ?? [], leaveOut);
  const offered = (offer?.objects ?? []).filter(({ kind, name }) => kind === 'extension' && makes(name));
  const bound = await checks.attempt(() =>
    boundExtensions(
      run,
      environment,
      offered.map(({ name }) => name),
    ),
  );
  const shutOut =
    maintenance === null || (mode !== 'auto' && meetsTarget(mode))
      ? null
      : await checks.attempt(() => whyShutOut(run, environment));
  const choice =
    rights === null
      ? null
      : await checks.attempt(() =>
          chooseMode(facts, maintenance, mode, {
            signal,
            keepsSettings: config.sync.databaseSettings === 'target',
            rights,
            others: model.restriction === null ? belongsToOthers(model, rights, makes) : [],
            schemas: model.restriction?.schemas ?? null,
            bound: bound ?? new Map(),
            shutOut,
          }),
        );
  return { choice, sessions: sessions ?? [], bound };
}

/** What only the plan tells to ask of the target. A sentence for each thing to know. */
async function checkPlanThere(
  { signal }: Inspection,
  { environment: { name }, model, asked }: TargetEnd,
  plan: ImportPlan,
  choice: ModeChoice | null,
  { names }: TargetCheckInput,
  checks: Checks,
): Promise<{ readonly columns: readonly string[]; readonly locks: readonly string[] }> {
  const options = { signal };
  const columns = await checks.attempt(() => checkKeptColumns(asked, plan.keep, names, options));
  await checks.attempt(() => checkUniqueKeys(asked, plan, options));
  const locks =
    choice !== null && modes[choice.mode].locksReplaced
      ? await checks.attempt(() => checkLocksInPlace(asked, { name, plan, model }, options))
      : null;
  if (choice !== null)
    await checks.attempt(() => checkTouching(asked, { name, mode: choice.mode, plan, model }, options));
  return { columns: columns ?? [], locks: locks ?? [] };
}

/** The plan of an offer for a target of which the rest is known. Pure. */
export function planOf(
  config: Config,
  offer: Offer,
  {
    rights,
    mode,
    model,
  }: {
    readonly rights: TargetRights;
    readonly mode: ModeChoice['mode'] | null;
    readonly model: CatalogModel;
  },
  { asked: { leaveOut, roles, owners, privileges }, names, undoing }: TargetCheckInput,
): PreparedPlan {
  return preparePlan({
    offer,
    names,
    rights,
    mode,
    leaveOut,
    stays: undoing?.stays,
    roles,
    target: model,
    rules: config.tablePolicies,
    along: { owners, privileges, databaseSettings: config.sync.databaseSettings === 'source' },
  });
}

/**
 * Finds objects of the target that this server or role could not make again, whatever the rows are:
 * TARGET_UNSUPPORTED, except in an undo. Returns what an undo in place would not restore as it was.
 */
function checkWayBack(
  { environment, model }: TargetEnd,
  { asked: { leaveOut }, undoing }: TargetCheckInput,
  {
    copy,
    rights,
    prepared,
    databaseSettings,
    secrets,
  }: {
    readonly copy: Selection | null;
    readonly rights: TargetRights | null;
    readonly prepared: PreparedPlan | null;
    readonly databaseSettings: boolean;
    /** Whether the safety copy holds secrets. */
    readonly secrets: boolean;
  },
): readonly string[] {
  // Faults of the run itself are reported already, and are often the same.
  if (copy === null || rights === null || prepared === null || prepared.faults.length > 0) return [];
  const { plan, faults } = planWayBack({
    offer: offerOf(model, copy),
    target: model,
    rights,
    leaveOut,
    stays: prepared.stayed,
    staying: prepared.plan?.staying ?? new Set(),
    databaseSettings,
  });
  if (faults.length > 0 && undoing === undefined)
    throw noWayBack(
      environment.name,
      faults.map(({ message }) => message.replace(/\.$/, '')),
    );
  return plan === null
    ? []
    : undoLacks({
        target: model,
        copied: copy.objects,
        leftOut: copy.named,
        withheld: secrets ? [] : model.withheld,
        plan,
        rights,
      });
}

/** In place the safety copy is the only way back. */
function refuseWithoutUndo(choice: ModeChoice, backup: BackupChoice): void {
  if (!needsSafetyCopy(choice.mode) || backup === 'file') return;
  throw new SyncError('TARGET_PRIVILEGE', `Backup "kept" needs mode replace; ${choice.reason}.`, {
    hint: 'Use --backup file.',
  });
}
