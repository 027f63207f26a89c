import type { CatalogModel } from '../../catalog/model.ts';
import type { TablePolicyRule } from '../../environments/table-policy.ts';
import { SyncError } from '../../errors/sync-error.ts';
import type { KeptTable } from '../../plan/import-plan.ts';
import { tablePolicies } from '../../plan/table-policies.ts';
import { pairsOf } from './kept-tables.ts';
import { tableName } from '../../lib/table-name.ts';

/** The target's tables whose rows stay, and the columns they had when the plan was made. */
export interface KeptDefinitions {
  /** Whether a policy keeps anything: a table that it names may appear later. */
  readonly any: boolean;
  readonly of: (model: CatalogModel) => ReadonlyMap<string, string>;
  readonly planned: ReadonlyMap<string, string>;
}

/** The part of the model on which the plan rests. */
export function keptDefinitions(
  model: CatalogModel,
  keep: readonly KeptTable[],
  rules: readonly TablePolicyRule[],
): KeptDefinitions {
  const planned = new Set(pairsOf(keep).map(({ live }) => tableName(live)));
  const of = (now: CatalogModel): ReadonlyMap<string, string> => {
    const policies = tablePolicies(now.objects, rules);
    return new Map(
      now.tables.flatMap(({ id, schema, name, columns }) => {
        const kept =
          planned.has(tableName({ schema, name })) ||
          ['preserve', 'exclude'].includes(policies.get(id) ?? '');
        return kept ? [[tableName({ schema, name }), JSON.stringify(columns)] as const] : [];
      }),
    );
  };
  const any = rules.some(({ policy }) => policy === 'preserve' || policy === 'exclude');
  return { any, of, planned: of(model) };
}

/**
 * Compares the definitions of kept tables with those the plan saw. Kept rows are carried by the plan's columns, so a
 * migration that ran since would lose what it added. Call it with the catalogue as the session sees it that holds the
 * locks. TARGET_KEPT_TABLE names each table that differs.
 */
export function checkKeptDefinitions({ of, planned }: KeptDefinitions, model: CatalogModel): void {
  const now = of(model);
  const different = [...new Set([...planned.keys(), ...now.keys()])]
    .filter((name) => planned.get(name) !== now.get(name))
    .sort();
  if (different.length === 0) return;
  throw new SyncError(
    'TARGET_KEPT_TABLE',
    `The definition of ${different.join(', ')}, whose rows are kept, changed during the run. The run ` +
      'changed nothing; run again.',
    { details: { tables: different }, hint: 'Run again when the migration of the target is done.' },
  );
}
