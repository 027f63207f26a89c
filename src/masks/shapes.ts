import type { MaskRule } from '../environments/masking.ts';
import { quoteIdentifier, quoteLiteral } from '../postgres/identifiers.ts';

/** What a value may look like. The server counts; no value leaves it. */
export interface Shape {
  readonly looksLike: string;
  readonly rule: MaskRule['kind'];
  /** A regular expression of PostgreSQL, over the value as text. */
  readonly pattern: string;
}

const shapes: readonly Shape[] = [
  {
    looksLike: 'e-mail addresses',
    rule: 'email',
    pattern: '^[^@[:space:]]+@[^@[:space:]]+[.][^@[:space:].]+$',
  },
  { looksLike: 'telephone numbers', rule: 'phone', pattern: '^([+]|00)[0-9][0-9 ()/.-]{6,18}$' },
  { looksLike: 'hashes of passwords', rule: 'hash', pattern: '^[$](2[abxy]|argon2|scrypt|5|6|pbkdf2)' },
  { looksLike: 'tokens', rule: 'hash', pattern: '^(eyJ[A-Za-z0-9_-]+[.]|(sk|pk|ghp|xox[a-z])[_-])' },
  {
    looksLike: 'bank accounts (IBAN)',
    rule: 'hash',
    pattern: '^[A-Z]{2}[0-9]{2} ?([A-Z0-9]{4} ?){3,7}[A-Z0-9]{0,3}$',
  },
  { looksLike: 'addresses of the network', rule: 'null', pattern: '^([0-9]{1,3}[.]){3}[0-9]{1,3}$' },
];

/** In documents, a key that says so. */
const personalKeys: Shape = {
  looksLike: 'documents with personal keys',
  rule: 'null',
  pattern:
    '(?i)"[^"]*(e-?mail|phone|first_?name|last_?name|full_?name|street|birth|password|secret|token)[^"]*" ?:',
};

/** A share of the values that were looked at, at least so many of them. */
const shareMin = 0.3;
const valuesMin = 3;
const rowsOfSample = 1_000;

const texts: ReadonlySet<string> = new Set(['text', 'varchar', 'bpchar', 'citext']);
const documents: ReadonlySet<string> = new Set(['json', 'jsonb']);

function shapesOf(base: string): readonly Shape[] {
  if (texts.has(base)) return [...shapes, personalKeys];
  return documents.has(base) ? [personalKeys] : [];
}

export interface SampledColumn {
  readonly name: string;
  readonly base: string;
}

/** Counts shapes in the first rows of a table; null where no column can have one. Column: `counts`, of all in order. */
export function sampleSql(from: string, columns: readonly SampledColumn[]): string | null {
  const counted = columns.flatMap(({ name, base }) => {
    const text = `${quoteIdentifier(name)}::pg_catalog.text`;
    const of = shapesOf(base).map(
      ({ pattern }) => `count(*) FILTER (WHERE ${text} ~ ${quoteLiteral(pattern)})`,
    );
    return of.length === 0 ? [] : [`count(${quoteIdentifier(name)})`, ...of];
  });
  if (counted.length === 0) return null;
  const names = columns
    .filter(({ base }) => shapesOf(base).length > 0)
    .map(({ name }) => quoteIdentifier(name));
  return `SELECT ARRAY[${counted.join(', ')}]::pg_catalog.text[] AS counts
FROM (SELECT ${names.join(', ')} FROM ${from} LIMIT ${rowsOfSample}) AS sample`;
}

export interface FoundShape {
  readonly column: string;
  readonly shape: Shape;
  readonly values: number;
  readonly matching: number;
}

/** What the counts of `sampleSql` say, one shape a column at most. Pure. */
export function shapesFound(
  columns: readonly SampledColumn[],
  counts: readonly string[],
): readonly FoundShape[] {
  let at = 0;
  const next = (): number => Number(counts[at++] ?? 0);
  return columns.flatMap(({ name, base }) => {
    const of = shapesOf(base);
    if (of.length === 0) return [];
    const values = next();
    const found = of.map((shape) => ({ column: name, shape, values, matching: next() }));
    const best = found.toSorted((a, b) => b.matching - a.matching)[0];
    return best !== undefined && best.matching >= valuesMin && best.matching >= shareMin * values
      ? [best]
      : [];
  });
}
