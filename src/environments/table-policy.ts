/**
 * What a sync does with a table: `sync` (the source's rows), `preserve` (the target's rows stay), `truncate` (emptied),
 * `exclude` (the target's table stays as it is, or absent), `schemaOnly` (definition from the source, no rows).
 */
export type TablePolicy = 'sync' | 'preserve' | 'truncate' | 'exclude' | 'schemaOnly';

/** First matching rule wins. `table` is `Name`, `schema.Name`, and may hold `*`. */
export interface TablePolicyRule {
  readonly table: string;
  readonly policy: TablePolicy;
}

/** Matches `schema.name` or, where the rule has no dot, the name in any schema. `*` stands for any run of characters. */
export function policyFor(rules: readonly TablePolicyRule[], schema: string, name: string): TablePolicy {
  for (const rule of rules) {
    const subject = rule.table.includes('.') ? `${schema}.${name}` : name;
    if (globMatches(rule.table, subject)) return rule.policy;
  }
  return 'sync';
}

function globMatches(pattern: string, subject: string): boolean {
  const source = pattern
    .split('*')
    .map((part) => part.replaceAll(/[\\^$.|?+()[\]{}]/g, String.raw`\$&`))
    .join('.*');
  return new RegExp(`^${source}$`, 's').test(subject);
}
