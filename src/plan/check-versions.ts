import { definitionIn } from '../catalog/extensions/guarded.ts';
import { sqlTokens } from '../catalog/comparison/sql-tokens.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { RunnableObject } from './runnable-object.ts';

/**
 * Objects for which the target's server is too old or too new: TARGET_VERSION names each and what it needs.
 */
export function checkVersions(
  objects: readonly RunnableObject[],
  sourceVersionNum: number,
  targetVersionNum: number,
): void {
  const [from, to] = [sourceVersionNum, targetVersionNum].map((num) => Math.floor(num / 10_000)) as [
    number,
    number,
  ];
  const faults = objects.flatMap((object): string[] => {
    if (object.minServerMajor > to) return [`${object.identity} needs ${object.minServerMajor}`];
    if (from < postfixGone && to >= postfixGone && usesPostfixOperator(object))
      return [`${object.identity} uses a postfix operator, which no server after 13 has`];
    return [];
  });
  if (faults.length === 0) return;
  throw new SyncError(
    'TARGET_VERSION',
    `The target’s server is PostgreSQL ${to}; ${faults.length} object(s) need another version: ${faults.join('; ')}.`,
    { details: { objects: faults } },
  );
}

/** The first major version without postfix operators. */
const postfixGone = 14;
const withExpressions = new Set([
  'view',
  'materialized view',
  'table',
  'default',
  'check constraint',
  'domain',
  'index',
  'rule',
  'policy',
  'trigger',
  'exclusion constraint',
  'statistics',
]);

/**
 * A definition of a postfix operator, or an expression with an operator before a closing bracket, as servers write
 * them (`(x !)`). Bodies of functions are text, so they are not looked at.
 */
function usesPostfixOperator({ kind, sql }: RunnableObject): boolean {
  const tokens = sqlTokens(definitionIn(sql));
  if (kind === 'operator') return !tokens.some((token) => token.toUpperCase() === 'RIGHTARG');
  if (!withExpressions.has(kind)) return false;
  return tokens.some((token, at) => {
    if (token !== ')' || !operatorSign.test(tokens[at - 1] ?? '')) return false;
    let before = at - 2;
    while (operatorSign.test(tokens[before] ?? '')) before -= 1;
    // `count(*)`, `f(row.*)`, `EXCLUDE (x WITH &&)` and `OPERATOR(schema.+)` end like this as well.
    return !['(', '.', 'WITH'].includes((tokens[before] ?? '').toUpperCase()) && !isOperatorName(tokens, at);
  });
}

const operatorSign = /^[-+*/<>=~!@#%^&|`?]$/;

/**
 * Whether the closing bracket at `at` ends `OPERATOR(schema.op)`. Such an operator is an object, which tells by itself.
 */
function isOperatorName(tokens: readonly string[], at: number): boolean {
  let from = at - 1;
  while (from > 0 && tokens[from] !== '(') from -= 1;
  return (tokens[from - 1] ?? '').toUpperCase() === 'OPERATOR';
}
