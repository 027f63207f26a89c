import { factsInText } from '../../catalog/facts-in-text.ts';
import type { CatalogModel } from '../../catalog/model.ts';
import type { Config } from '../../config/config.ts';
import type { DumpReader } from '../../dump/dump-reader.ts';
import type { Manifest, ManifestObject } from '../../dump/manifest.ts';
import type { Environment } from '../../environments/environment.ts';
import { SyncError } from '../../errors/sync-error.ts';
import type { ImportPlan } from '../../plan/import-plan.ts';
import type { RunnableObject } from '../../plan/runnable-object.ts';
import type { TargetRights } from '../../plan/target-rights.ts';
import { otherName, rulesOf, schemaNames } from '../../plan/schema-names.ts';
import type { SchemaNames } from '../../plan/schema-names.ts';
import { unmatchedRules } from '../../plan/unmatched-rules.ts';
import { firstFault } from './blockers.ts';
import { checkTarget, planOf } from './check-target.ts';
import type { CheckedTarget, TargetCheckInput } from './check-target.ts';
import { recentlySeen } from '../contract/seen-target.ts';
import type { SeenTarget } from '../contract/seen-target.ts';
import type { Offer } from '../../plan/offer.ts';
import { keptDefinitions } from '../kept/kept-definitions.ts';
import type { KeptDefinitions } from '../kept/kept-definitions.ts';
import { checkMigrations } from './migrations/check-migrations.ts';
import { askedTarget, readTargetOn } from '../ends/read-target.ts';
import { checkTriedDump } from '../ends/tried-servers.ts';
import type { ImportRunInput, ModeChoice } from '../contract/import-run.ts';
import type { Inspection } from '../contract/run.ts';
import type { OpenTarget } from '../ends/opened-target.ts';

export interface Planned {
  readonly choice: ModeChoice;
  readonly plan: ImportPlan;
  readonly rights: TargetRights;
  readonly kept: KeptDefinitions;
  readonly warnings: readonly string[];
  readonly leftOut: readonly string[];
  readonly stayed: readonly string[];
}

/** What the dump and the live target say together; refuses what cannot be before anything is written. */
export async function planDump(
  run: Inspection,
  target: OpenTarget,
  reader: DumpReader,
  input: ImportRunInput,
): Promise<Planned> {
  const { config } = run;
  const { manifest } = reader;
  const { environment } = target;
  const { source: taken } = manifest;
  checkTriedDump(
    { versionNum: taken.serverVersionNum, version: taken.serverVersion },
    config.sync.untriedServers,
  );
  const names = namesOfDump(manifest, environment, input.schema);
  const seen = recentlySeen(input.seen, run.now());
  // Opens no session before it is asked something.
  await using asked = askedTarget(run, environment);
  const live = seen?.model ?? (await readTargetOn(asked, environment, run));
  const model = input.undoing !== undefined ? narrowed(live, manifest) : live;
  const unmatched = rulesWithoutTables(config, manifest, live, names, input);
  const offer = await offerOfDump(reader);
  const wanted = { asked: input.asked, names, undoing: input.undoing };
  const { choice, rights, prepared, warnings } =
    planAsChecked(config, offer, model, seen?.checked ?? null, wanted) ??
    (await checkTarget(run, { ...target, model, asked }, offer, wanted, firstFault));
  const plan = prepared?.plan ?? null;
  if (choice === null || rights === null || prepared === null || plan === null)
    throw new SyncError('INTERNAL', 'There is neither a plan nor a reason against it.');
  const differ =
    manifest.migrations === undefined || (seen?.checked ?? null) !== null
      ? []
      : await checkMigrations(
          manifest.migrations,
          { name: environment.name, asked, target: live, plan, ignore: input.asked.ignoreMigrations },
          firstFault,
          run,
        );
  const rules = rulesOf(config.tablePolicies, names, 'target');
  return {
    choice,
    plan,
    rights,
    kept: keptDefinitions(live, plan.keep, rules),
    warnings: [...unmatched, ...prepared.warnings, ...warnings, ...differ],
    leftOut: prepared.leftOut,
    stayed: prepared.stayed,
  };
}

/**
 * A sentence for each rule that names no table of the dump or the target. CONFIG_INVALID for one that was to keep rows
 * and has a slip in its name. A sync has asked its source, and an undo has rules of its own.
 */
function rulesWithoutTables(
  { tablePolicies }: Config,
  { tables }: Manifest,
  live: CatalogModel,
  names: SchemaNames | null,
  { seen, undoing }: ImportRunInput,
): readonly string[] {
  if (seen !== undefined || undoing !== undefined) return [];
  const { faults, notes } = unmatchedRules(tablePolicies, { source: tables, target: live.tables }, names);
  for (const fault of faults) firstFault.add(fault);
  return notes;
}

/** `schema`: the name of the dump's schema, where somebody says it. */
function namesOfDump(
  { source }: Manifest,
  { schema: there }: Environment,
  schema: string | undefined,
): SchemaNames | null {
  const dumpSchema = schema ?? source.schema;
  return dumpSchema === undefined ? null : schemaNames(dumpSchema, there);
}

/**
 * The target, of which only the schemas of the dump take part, under the names that they have there.
 * CONFLICT_SCHEMA_NAMES where the configuration says others.
 */
export function asDumped(
  environment: Environment,
  manifest: Manifest,
  schema: string | undefined,
): Environment {
  const names = namesOfDump(manifest, environment, schema);
  const schemas = manifest.schemas?.map((one) => otherName(names, one)) ?? null;
  const said = environment.schemas ?? null;
  if (said === null || schemas?.every((one) => said.includes(one)) === true)
    return { ...environment, schemas };
  const held = schemas === null ? 'a whole database' : `the schemas ${schemas.join(', ')}`;
  const there = `runs on "${environment.name}" are limited to ${said.join(', ')}`;
  throw new SyncError('CONFLICT_SCHEMA_NAMES', `The dump holds ${held}, and ${there}.`, {
    hint:
      'Export again with the same limits (NAME_DATABASE_SCHEMAS of the source), or change those of ' +
      `"${environment.name}".`,
  });
}

/** What was checked a moment ago holds for the dump of the same source; only the plan is made for the dump itself. */
function planAsChecked(
  config: Config,
  offer: Offer,
  model: CatalogModel,
  checked: SeenTarget['checked'],
  input: TargetCheckInput,
): CheckedTarget | null {
  if (checked === null || checked.choice === null || checked.rights === null) return null;
  const { choice, rights, warnings } = checked;
  const prepared = planOf(config, offer, { rights, mode: choice.mode, model }, input);
  for (const fault of prepared.faults) firstFault.add(fault);
  return { choice, rights, prepared, warnings };
}

export async function offerOfDump(reader: DumpReader): Promise<Offer> {
  const { objects, tables, sequences, outgoing, source, extensions, extensionMembers } = reader.manifest;
  const preData = await reader.sqlOf('pre-data');
  const postData = await reader.sqlOf('post-data');
  const withSql = objects.map((object) => ({
    ...object,
    sql: object.section === 'pre-data' ? preData(object) : postData(object),
  }));
  return {
    sourceVersionNum: source.serverVersionNum,
    extensions,
    extensionMembers,
    objects: withFacts(withSql),
    tables,
    sequences,
    outgoing: outgoing === undefined ? undefined : { ...outgoing, objects: withFacts(outgoing.objects) },
  };
}

/** Older dumps do not record what their objects are about. */
function withFacts(
  objects: readonly (Omit<RunnableObject, 'facts'> & Pick<ManifestObject, 'facts'>)[],
): readonly RunnableObject[] {
  const factsOf = factsInText(objects);
  return objects.map((object) => ({ ...object, facts: object.facts ?? factsOf(object) }));
}

/** The target as the dump knew it: without columns that were added since. */
function narrowed(model: CatalogModel, { tables }: Manifest): CatalogModel {
  return {
    ...model,
    tables: model.tables.map((table) => {
      const then = tables.find(({ schema, name }) => schema === table.schema && name === table.name);
      const has = (name: string): boolean => then?.columns.some((column) => column.name === name) ?? true;
      return { ...table, columns: table.columns.filter(({ name }) => has(name)) };
    }),
  };
}
