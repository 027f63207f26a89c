/** What the versions of the servers that wrote two definitions excuse; true where both can say the same. */
export interface Alike {
  readonly since14: boolean;
  readonly since16: boolean;
  readonly since17: boolean;
  readonly since18: boolean;
}

/** `versionNum`, `other`: `server_version_num`. */
export function alikeServers(versionNum: number, other: number): Alike {
  const alike = (since: number): boolean => versionNum < since === other < since;
  return {
    since14: alike(140_000),
    since16: alike(160_000),
    since17: alike(170_000),
    since18: alike(180_000),
  };
}

/** Before 14 operators and functions of a class belong to it firmly, after that some of them to its family. */
const movedIn14 = new Set(['operator class', 'operator family']);
/** Before 16 every column is written with its table. */
const queryKinds = new Set(['view', 'materialized view', 'rule', 'policy']);

/** Whether two servers write a kind in words that cannot be compared at all. */
export function incomparable(kind: string, { since14, since16 }: Alike): boolean {
  return (!since14 && movedIn14.has(kind)) || (!since16 && queryKinds.has(kind));
}

/** A statement without what the older one of two servers cannot say, or says in other words. */
export function inOlderWords(
  { kind, sql }: { readonly kind: string; readonly sql: string },
  alike: Alike,
): string {
  let words = sql;
  // Names of NOT NULL: of domains from 17 on, of tables from 18 on.
  if (!alike.since17 || !alike.since18)
    words = words.replaceAll(/\bCONSTRAINT "(?:[^"]|"")*" (?=NOT NULL\b)/g, '');
  if (!alike.since17 && kind === 'privileges') words = withoutMaintain(words);
  if (!alike.since14 && /\bPROCEDURE "/.test(words)) words = words.replaceAll(/([(,] ?)IN (?=["\w])/g, '$1');
  if (!alike.since14 && kind === 'range type')
    words = words.replaceAll(/,\s*MULTIRANGE_TYPE_NAME = [^\n]*/g, '');
  return words;
}

/** All that there is to grant on tables before MAINTAIN. */
const allBefore17 = 'DELETE, INSERT, REFERENCES, SELECT, TRIGGER, TRUNCATE, UPDATE';

/** ALL as a list, MAINTAIN out of the lists, and no grant of it alone. */
function withoutMaintain(sql: string): string {
  return sql
    .replaceAll(/ ALL ON (TABLES? )/g, ` ${allBefore17} ON $1`)
    .split('\n')
    .filter((line) => !/ MAINTAIN ON TABLES? /.test(line) || / MAINTAIN, |, MAINTAIN /.test(line))
    .map((line) => line.replaceAll(/\bMAINTAIN, |, MAINTAIN\b/g, ''))
    .join('\n');
}
