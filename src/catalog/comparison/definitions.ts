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
  /** Servers before 18 have no names for NOT NULL. */
  readonly notNullNames: boolean;
  /** Servers before 17 have no MAINTAIN: ALL is more on later ones, and an owner's own rights are. */
  readonly maintain: boolean;
}

/** What the versions (`server_version_num`) of the servers that wrote two definitions excuse. */
export function toleranceBetween(versionNum: number, other: number): Tolerance {
  const alike = (since: number): boolean => versionNum < since === other < since;
  return {
    sameWords: alike(160_000),
    byMeaning: Math.floor(versionNum / 10_000) !== Math.floor(other / 10_000),
    notNullNames: alike(180_000),
    maintain: alike(170_000),
  };
}

/** Whether two servers say the same of an object: in the same words, but for what `tolerance` allows. */
export function sameDefinition(object: Definition, other: Definition, tolerance: Tolerance): boolean {
  if (object.sql === other.sql) return true;
  if (!tolerance.sameWords && queryKinds.has(object.kind)) return true;
  if (normalise(object.sql) === normalise(other.sql)) return true;
  if (!tolerance.maintain && object.kind === 'privileges')
    return withoutMaintain(object.sql) === withoutMaintain(other.sql);
  if (!tolerance.byMeaning || !expressionKinds.has(object.kind)) return false;
  const [one, two] = tolerance.notNullNames
    ? [object.sql, other.sql]
    : [withoutNotNullNames(object.sql), withoutNotNullNames(other.sql)];
  if (meaning(one) === meaning(two)) return true;
  const inherits = object.kind === 'table' && /\sINHERITS\s/.test(one);
  return inherits && unorderedMeaning(one) === unorderedMeaning(two);
}

function withoutNotNullNames(sql: string): string {
  return sql.replaceAll(/\bCONSTRAINT "(?:[^"]|"")*" (?=NOT NULL\b)/g, '');
}

/** ALL as a list, and MAINTAIN out of the lists. */
function withoutMaintain(sql: string): string {
  return sql
    .replaceAll(/ ALL ON TABLE /g, ' DELETE, INSERT, REFERENCES, SELECT, TRIGGER, TRUNCATE, UPDATE ON TABLE ')
    .replaceAll(/\bMAINTAIN, /g, '')
    .replaceAll(/, MAINTAIN\b/g, '');
}
