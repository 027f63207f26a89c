import { SyncError } from '../errors/sync-error.ts';
import { tablePattern } from './table-pattern.ts';

/**
 * What a sync does with a table: `sync` (the source's rows), `preserve` (the target's rows stay), `truncate` (emptied),
 * `exclude` (the target's table stays as it is, or absent), `schemaOnly` (definition from the source, no rows).
 */
export type TablePolicy = 'sync' | 'preserve' | 'truncate' | 'exclude' | 'schemaOnly';

/** First matching rule wins. `table` is `Name` or `schema.Name` (`tablePattern`), and may hold `*`. */
export interface TablePolicyRule {
  readonly table: string;
  readonly policy: TablePolicy;
  /** Where it stands, if a person has written it: `multiboard-sync.config.yaml:12`. */
  readonly said?: string | undefined;
  /** A schema that the other end of a run calls `alias`: the rule may mean its tables by either name. */
  readonly renamed?: { readonly schema: string; readonly alias: string } | undefined;
}

/** A rule without a schema means the name in any schema. `*` stands for any run of characters of one part. */
export function policyFor(rules: readonly TablePolicyRule[], schema: string, name: string): TablePolicy {
  return rules.find((rule) => means(rule, schema, name))?.policy ?? 'sync';
}

/** Large objects have no name of their own: policies call them by that of the table that holds them. */
export const largeObjectsName = 'pg_catalog.pg_largeobject';

export function largeObjectPolicy(rules: readonly TablePolicyRule[]): TablePolicy {
  return policyFor(rules, 'pg_catalog', 'pg_largeobject');
}

/** Whether a rule is about this table. */
export function means({ table, renamed }: TablePolicyRule, schema: string, name: string): boolean {
  const pattern = tablePattern(table);
  if (pattern === null) throw new SyncError('INTERNAL', `The rule for "${table}" was not checked.`);
  if (!pattern.name(name)) return false;
  const schemas = [schema, ...(schema === renamed?.schema ? [renamed.alias] : [])];
  return pattern.schema === null || schemas.some((one) => pattern.schema?.(one) === true);
}
