import { randomBytes } from 'node:crypto';
import { compareModels } from '../../catalog/compare.ts';
import type { CompareOptions } from '../../catalog/compare.ts';
import type { Difference } from '../../catalog/difference.ts';
import type { RoleMap } from '../../catalog/map-roles.ts';
import type { Config } from '../../config/config.ts';
import { once } from '../../lib/once.ts';
import { withReleasers } from '../../lib/releasers.ts';
import type { ImportPlan } from '../../plan/import-plan.ts';
import { meetsTarget, modes } from '../../plan/modes.ts';
import type { Mode } from '../../plan/modes.ts';
import type { SchemaNames } from '../../plan/schema-names.ts';
import { withoutStaying } from '../../plan/without-staying.ts';
import { agreed } from '../prove/without-exceptions.ts';
import { Blockers } from '../check/blockers.ts';
import { askedOf } from '../check/asked.ts';
import { checkRequest, prepareSync } from '../check/check-sync.ts';
import type { Inspection } from '../contract/run.ts';
import { connectAs } from '../ends/connect.ts';
import { environmentNamed } from '../ends/environments.ts';
import { sessionsOfReading, sessionsOfReplacing } from '../capacity/sessions-needed.ts';
import { openSource } from '../source/open-source.ts';
import type { OpenSource } from '../source/open-source.ts';
import { lookAtTarget, planPrefix } from '../ends/look-at-target.ts';
import type { TargetLook } from '../ends/look-at-target.ts';
import { otherNamesOf, refuseSourceOnly } from '../ends/protected.ts';
import type { Plan, PlanInput } from '../contract/plan.ts';
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
  const from = environmentNamed(config, input.source);
  const to = environmentNamed(config, input.target);
  // Tells its sessions from those of others who make a plan.
  const id = `${planPrefix}${randomBytes(4).toString('hex')}`;
  const run: Inspection = { ...deps, config, id, signal: options.signal, connect: connectAs(id) };
  const asked = askedOf(config, to, input);
  const request = { from, to, confirm: to.name, asked };
  const { backup, leaveOut, roles } = asked;
  const blockers = new Blockers(options.signal);
  return withReleasers(async (releasers) => {
    await checkRequest(request, blockers);
    const {
      names,
      source,
      target: look,
      checked: { choice, prepared, selection, documents, ofSource, mentioned, notes, warnings },
    } = await prepareSync(
      run,
      request,
      {
        target: async () => {
          const looked = await lookAtTarget(run, to);
          releasers.defer(() => looked[Symbol.asyncDispose]());
          return looked;
        },
        source: async (opening) => {
          const opened = await openSource(run, { ...opening, workers: config.sync.workers });
          releasers.defer(() => opened[Symbol.asyncDispose]());
          return opened;
        },
      },
      blockers,
      { confirmed: false },
    );
    const notAsked =
      look === null
        ? null
        : await blockers.attempt(() => refuseSourceOnly(run, config.environments, to, look.facts));
    const protectedToo =
      look === null || to.protection === 'protected'
        ? []
        : (await otherNamesOf(run, config.environments, to, look.facts, 'protected')).same;
    const plan = prepared?.plan ?? null;
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
      safety: modes[choice?.mode ?? 'replace'].safety[backup],
      protected: to.protection === 'protected' || protectedToo.length > 0,
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
        source === null || look === null || plan === null || prepared?.decided !== true
          ? null
          : differencesOf(config, {
              source,
              look,
              names,
              mode: choice?.mode ?? null,
              leaveOut,
              roles,
              plan,
              sides: { left: `in ${to.name}`, right: `in ${from.name}` },
            }),
      collections: [...(documents ?? [])].map(([name, documentsEstimated]) => ({ name, documentsEstimated })),
      connections: {
        source: sessionsOfReading(config.sync.workers).all,
        target: sessionsOfReplacing(config.sync.workers, { copies: backup === 'file' }).all,
      },
      sessions:
        choice === null || modes[choice.mode].endsSessions
          ? (look?.sessions ?? []).map(({ pid, role, application }) => ({ pid, role, application }))
          : [],
      targetBytesNeeded:
        choice !== null && !meetsTarget(choice.mode)
          ? Math.max(source?.databaseBytes ?? 0, copied + objectBytes)
          : copied + objectBytes,
      // Large objects are written as two hexadecimal digits a byte.
      dumpBytesNeeded: copied + 2 * objectBytes + (backup === 'file' ? present + 2 * presentObjectBytes : 0),
      leftOut: once([...(selection?.named ?? []), ...(prepared?.leftOut ?? [])]),
      warnings: once([
        ...protectedToo.map((name) => `"${to.name}" is the database of "${name}", which is protected.`),
        ...(notAsked ?? []),
        ...ofSource,
        ...(selection?.leftOut ?? []),
        ...mentioned,
        ...notes,
        ...(prepared?.warnings ?? []),
        ...(prepared?.forecasts ?? []),
        ...warnings,
      ]),
      blockers: blockers.list,
    };
  });
}

interface BothEnds {
  readonly source: OpenSource;
  readonly look: TargetLook;
  readonly names: SchemaNames | null;
  readonly mode: Mode | null;
  readonly leaveOut: readonly string[];
  readonly roles: RoleMap;
  readonly plan: ImportPlan;
  readonly sides: NonNullable<CompareOptions['sides']>;
}

/**
 * Objects of the target that appear, vanish or change; not those that stay as they are (left out in place, excluded,
 * kept).
 */
function differencesOf(
  config: Config,
  { source, look, names, mode, leaveOut, roles, plan, sides }: BothEnds,
): readonly Difference[] {
  const ends = {
    source: agreed(source.model, { leaveOut, roles }).model,
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
