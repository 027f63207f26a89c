import { compareModels } from '../../catalog/compare.ts';
import { withoutOrderOfColumns } from '../../catalog/comparison/order-of-columns.ts';
import type { Difference } from '../../catalog/difference.ts';
import type { CatalogModel } from '../../catalog/model.ts';
import type { Config } from '../../config/config.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { otherName, rulesOf } from '../../plan/schema-names.ts';
import type { SchemaNames } from '../../plan/schema-names.ts';
import type { Asked } from '../contract/import-run.ts';
import { agreed } from '../prove/without-exceptions.ts';
import { verifyScope } from '../prove/scope.ts';

export interface DefinitionsInput {
  readonly source: CatalogModel;
  readonly target: CatalogModel;
  readonly names: SchemaNames | null;
  readonly asked: Asked;
  readonly ends: { readonly source: string; readonly target: string };
}

const namedMax = 20;

/**
 * A merge changes rows alone, so both ends must have the same definitions, as `verify` compares them. The order of a
 * table's columns does not matter, nor the versions of extensions, which are the servers' own; they are returned as
 * sentences. TARGET_UNSUPPORTED names everything else.
 */
export function checkDefinitions(
  config: Pick<Config, 'tablePolicies' | 'sync'>,
  { source, target, names, asked, ends }: DefinitionsInput,
): readonly string[] {
  const { leaveOut, roles } = asked;
  const left = agreed(verifyScope(source, rulesOf(config.tablePolicies, names, 'source')).model, {
    leaveOut,
    roles,
  }).model;
  const there = verifyScope(target, rulesOf(config.tablePolicies, names, 'target')).model;
  const right = agreed(
    { ...there, objects: there.objects.filter(({ outside }) => outside === undefined) },
    { leaveOut, roles: {} },
  ).model;
  const differences = compareModels(left, right, {
    owners: asked.owners,
    privileges: asked.owners && asked.privileges,
    renamed: names === null ? null : { left: names.source, right: names.target },
    sides: { left: `in ${ends.source}`, right: `in ${ends.target}` },
  }).filter(({ kind }) => kind !== 'sequence');
  const extensions = differences.filter(({ kind }) => kind === 'extension');
  const against = differences.filter(
    (difference) => difference.kind !== 'extension' && !isOrderOfColumns(difference, left, right, names),
  );
  if (against.length > 0) throw differ(against, ends);
  return extensions.map(({ name, difference }) => `Extension ${name}: ${difference}.`);
}

function isOrderOfColumns(
  { name: identity }: Difference,
  left: CatalogModel,
  right: CatalogModel,
  names: SchemaNames | null,
): boolean {
  const one = left.objects.find((object) => object.identity === identity);
  const other = right.objects.find(
    ({ kind, name, schema }) =>
      kind === one?.kind && name === one.name && schema === otherName(names, one.schema ?? ''),
  );
  if (one?.kind !== 'table' || other === undefined) return false;
  return names === null && withoutOrderOfColumns(one.sql) === withoutOrderOfColumns(other.sql);
}

function differ(against: readonly Difference[], { source, target }: DefinitionsInput['ends']): SyncError {
  const named = against.slice(0, namedMax).map(({ name, difference }) => `${name} ${difference}`);
  const more = against.length > namedMax ? ` and ${against.length - namedMax} more` : '';
  return new SyncError(
    'TARGET_UNSUPPORTED',
    `Mode merge changes rows alone, and ${against.length} definition(s) of "${target}" are not those of "${source}": ` +
      `${named.join('; ')}${more}.`,
    {
      details: { objects: against.map(({ name }) => name) },
      hint:
        'Bring both to the same migrations first, leave out by name what may differ (--leave-out), or choose ' +
        '--mode replace or --mode in-place.',
    },
  );
}
