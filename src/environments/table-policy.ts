/**
 * What a sync does with a table: `sync` (the source's rows), `preserve` (the target's rows stay), `truncate` (emptied),
 * `exclude` (the target's table stays as it is, or absent), `schemaOnly` (definition from the source, no rows).
 */
export type TablePolicy = 'sync' | 'preserve' | 'truncate' | 'exclude' | 'schemaOnly';

/** First matching rule wins. `table` is `Name`, `schema.Name`, and may hold `*`. */
export interface TablePolicyRule {
  readonly table: string;
  readonly policy: TablePolicy;
  /** A schema that the other end of a run calls `alias`: the rule may mean its tables by either name. */
  readonly renamed?: { readonly schema: string; readonly alias: string } | undefined;
}

/** Matches `schema.name` or, where the rule has no dot, the name in any schema. `*` stands for any run of characters. */
export function policyFor(rules: readonly TablePolicyRule[], schema: string, name: string): TablePolicy {
  for (const rule of rules) {
    if (namesOf(rule, schema, name).some((subject) => globMatches(rule.table, subject))) return rule.policy;
  }
  return 'sync';
}

/** Large objects have no name of their own: policies call them by that of the table that holds them. */
export const largeObjectsName = 'pg_catalog.pg_largeobject';

export function largeObjectPolicy(rules: readonly TablePolicyRule[]): TablePolicy {
  return policyFor(rules, 'pg_catalog', 'pg_largeobject');
}

function namesOf({ table, renamed }: TablePolicyRule, schema: string, name: string): readonly string[] {
  if (!table.includes('.')) return [name];
  return [schema, ...(schema === renamed?.schema ? [renamed.alias] : [])].map((part) => `${part}.${name}`);
}

function globMatches(pattern: string, subject: string): boolean {
  const source = pattern
    .split('*')
    .map((part) => part.replaceAll(/[\\^$.|?+()[\]{}]/g, String.raw`\$&`))
    .join('.*');
  return new RegExp(`^${source}$`, 's').test(subject);
}
