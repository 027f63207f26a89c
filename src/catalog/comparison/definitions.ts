import { meaning, unorderedMeaning } from './meaning.ts';
import { normalise } from './normalise.ts';

interface Definition {
  readonly kind: string;
  readonly sql: string;
}

/** Kinds whose statement holds queries that the server writes from what it has understood. */
const queryKinds = new Set(['view', 'materialized view', 'rule', 'policy']);

/** Kinds whose statement holds expressions of that sort, queries or both. */
const expressionKinds = new Set([
  ...queryKinds,
  'aggregate',
  'base type',
  'check constraint',
  'default',
  'domain',
  'exclusion constraint',
  'foreign table',
  'function',
  'index',
  'partition attach',
  'procedure',
  'publication table',
  'statistics',
  'table',
  'trigger',
]);

/** What may differ without meaning anything, on top of what a reload of the server's own text changes. */
export interface Tolerance {
  /** Both texts come from servers of before 16, or both from later ones: the former write every column with its table. */
  readonly sameWords: boolean;
  /** Compare expressions by their meaning (meaning.ts) where their words differ. */
  readonly byMeaning: boolean;
}

/** Whether two servers say the same of an object: in the same words, but for what `tolerance` allows. */
export function sameDefinition(object: Definition, other: Definition, tolerance: Tolerance): boolean {
  if (object.sql === other.sql) return true;
  if (!tolerance.sameWords && queryKinds.has(object.kind)) return true;
  if (normalise(object.sql) === normalise(other.sql)) return true;
  if (!tolerance.byMeaning || !expressionKinds.has(object.kind)) return false;
  if (meaning(object.sql) === meaning(other.sql)) return true;
  const inherits = object.kind === 'table' && /\sINHERITS\s/.test(object.sql);
  return inherits && unorderedMeaning(object.sql) === unorderedMeaning(other.sql);
}

/** Servers of before 16 write the same query in other words (facts: view deparse of 13 to 15). */
export function writeAlike(versionNum: number, other: number): boolean {
  return versionNum < 160_000 === other < 160_000;
}
