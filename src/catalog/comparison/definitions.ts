import { definitionIn } from '../extensions/guarded.ts';
import { meaning, unorderedMeaning } from './meaning.ts';
import { normalise } from './normalise.ts';
import { alikeServers, incomparable, inOlderWords } from './older-words.ts';
import type { Alike } from './older-words.ts';

interface Definition {
  readonly kind: string;
  readonly sql: string;
}

/** Kinds whose statement holds expressions or queries, which the server writes from what it has understood. */
const expressionKinds = new Set([
  'aggregate',
  'base type',
  'check constraint',
  'default',
  'domain',
  'exclusion constraint',
  'foreign table',
  'function',
  'index',
  'materialized view',
  'partition attach',
  'policy',
  'procedure',
  'publication table',
  'rule',
  'statistics',
  'table',
  'trigger',
  'view',
]);

/** What may differ without meaning anything, on top of what a reload of the server's own text changes. */
export interface Tolerance extends Alike {
  /** Compare expressions by their meaning (meaning.ts) where their words differ. */
  readonly byMeaning: boolean;
}

/** What the versions (`server_version_num`) of the servers that wrote two definitions excuse. */
export function toleranceBetween(versionNum: number, other: number): Tolerance {
  return {
    ...alikeServers(versionNum, other),
    byMeaning: Math.floor(versionNum / 10_000) !== Math.floor(other / 10_000),
  };
}

/** Whether two servers say the same of an object: in the same words, but for what `tolerance` allows. */
export function sameDefinition(left: Definition, right: Definition, tolerance: Tolerance): boolean {
  const object = { ...left, sql: definitionIn(left.sql) };
  const other = { ...right, sql: definitionIn(right.sql) };
  if (object.sql === other.sql || incomparable(object.kind, tolerance)) return true;
  const [one, two] = [inOlderWords(object, tolerance), inOlderWords(other, tolerance)];
  if (normalise(one) === normalise(two)) return true;
  const inherits = ['table', 'foreign table'].includes(object.kind) && /\sINHERITS\s/.test(one);
  // Its columns come out in its parents' order.
  if (inherits && unorderedLines(one) === unorderedLines(two)) return true;
  if (!tolerance.byMeaning || !expressionKinds.has(object.kind)) return false;
  if (meaning(one) === meaning(two)) return true;
  return inherits && unorderedMeaning(one) === unorderedMeaning(two);
}

/** The columns and settings of a table, each on a line of its own, in no order. */
function unorderedLines(sql: string): string {
  const lines = sql.split('\n').map((line) => normalise(line.replace(/,$/, '')));
  return lines.sort().join('\n');
}
