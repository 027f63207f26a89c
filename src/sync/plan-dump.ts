import type { CatalogModel } from '../catalog/model.ts';
import type { Config } from '../config/config.ts';
import type { DumpReader } from '../dump/dump-reader.ts';
import type { Manifest } from '../dump/manifest.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { ImportPlan } from '../plan/import-plan.ts';
import { preparePlan } from '../plan/prepare-plan.ts';
import type { RunnableObject } from '../plan/runnable-object.ts';
import { rulesOf, schemaNames } from '../plan/schema-names.ts';
import type { TargetRights } from '../plan/target-rights.ts';
import type { ImportRunInput, ImportRunOptions } from './import-dump.ts';
import { checkKeptColumns } from './load/keep-rows.ts';
import { keptDefinitions } from './load/kept-definitions.ts';
import type { KeptDefinitions } from './load/kept-definitions.ts';
import type { ModeChoice } from './target/choose-mode.ts';
import type { OpenTarget } from './target/open-target.ts';

export interface Planned {
  readonly plan: ImportPlan;
  readonly kept: KeptDefinitions;
  readonly warnings: readonly string[];
  readonly leftOut: readonly string[];
  readonly stayed: readonly string[];
}

/** The target as it was read, and how it is to be replaced. */
interface TargetEnd {
  readonly mode: ModeChoice['mode'];
  readonly live: CatalogModel;
  readonly rights: TargetRights;
}

/** What the dump and the live target say together; refuses what cannot be before anything is written. */
export async function planDump(
  target: OpenTarget,
  reader: DumpReader,
  config: Config,
  { mode, live, rights }: TargetEnd,
  input: ImportRunInput,
  options: ImportRunOptions,
): Promise<Planned> {
  const { manifest } = reader;
  const { environment } = target;
  const dumpSchema = input.schema ?? manifest.source.schema;
  const names = dumpSchema === undefined ? null : schemaNames(dumpSchema, environment.schema);
  const model = input.narrowed === true ? narrowed(live, manifest) : live;
  const preData = await reader.sqlOf('pre-data');
  const postData = await reader.sqlOf('post-data');
  const objects: readonly RunnableObject[] = manifest.objects.map((object) => ({
    ...object,
    sql: object.section === 'pre-data' ? preData(object) : postData(object),
  }));
  const prepared = preparePlan({
    objects,
    tables: manifest.tables,
    sequences: manifest.sequences,
    target: model,
    rules: config.tablePolicies,
    owners: input.owners,
    privileges: input.privileges,
    names,
    sourceVersionNum: manifest.source.serverVersionNum,
    mode,
    rights,
    leaveOut: leaveOutOf(config, input),
    stays: input.stays,
    roles: { ...config.sync.roles, ...input.roles },
    databaseSettings: config.sync.databaseSettings === 'source',
  });
  const { plan, faults, warnings, leftOut, stayed } = prepared;
  const [fault] = faults;
  if (fault !== undefined) throw fault;
  if (plan === null) throw new SyncError('INTERNAL', 'There is neither a plan nor a reason against it.');
  const columns = await checkKeptColumns(environment, plan.keep, names, { ...options, jobId: input.jobId });
  const rules = rulesOf(config.tablePolicies, names, 'target');
  return {
    plan,
    kept: keptDefinitions(live, plan.keep, rules),
    warnings: [...warnings, ...columns],
    leftOut,
    stayed,
  };
}

/** What the configuration and the request leave out. */
export function leaveOutOf(
  config: Config,
  { leaveOut = [] }: Pick<ImportRunInput, 'leaveOut'>,
): readonly string[] {
  return [...config.sync.leaveOut, ...leaveOut];
}

/** The target as the dump knew it: without columns that it has got since. */
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
