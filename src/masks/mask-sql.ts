import type { MaskRule } from '../environments/masking.ts';
import { quoteIdentifier, quoteLiteral } from '../postgres/identifiers.ts';
import { maskKeySetting } from './mask-key.ts';
import { familyNames, givenNames } from './people-names.ts';

/** A column as a rule has to fit it. */
export interface MaskedColumn {
  readonly name: string;
  /** `format_type`, schema-qualified: what the rule's value is made into. */
  readonly type: string;
  /** The type below domains, without length: `text`, `varchar`, `bpchar`, `citext`, `uuid`, `bytea` … */
  readonly base: string;
  /** Characters of a text at most; null for no limit. */
  readonly length: number | null;
  readonly notNull: boolean;
}

export interface MaskSql {
  /** An expression over the table's own columns, of the column's type. */
  readonly sql: string;
  /** Different values stay different, as surely as different values have different hashes. */
  readonly distinct: boolean;
  /** May turn a value into NULL, into one that the type does not take, or into a longer one than the column has. */
  readonly uncertain: boolean;
}

const texts: ReadonlySet<string> = new Set(['text', 'varchar', 'bpchar', 'citext']);
/** Hexadecimal digits that tell a billion values apart, and what makes a longer column no better. */
const digitsMin = 20;
const digitsMax = 32;
const mailEnd = '@example.invalid';

/** What a rule puts in a column's place. A text says why it cannot: the rest of a sentence about the column. */
export function maskSql(rule: MaskRule, column: MaskedColumn): MaskSql | string {
  switch (rule.kind) {
    case 'keep':
      return { sql: quoteIdentifier(column.name), distinct: true, uncertain: false };
    case 'null':
      if (column.notNull) return 'is NOT NULL, so no rule can empty it; give it a value (fixed, or sql)';
      return { sql: cast('NULL', column), distinct: true, uncertain: false };
    case 'fixed':
      return {
        sql: `CASE WHEN ${quoteIdentifier(column.name)} IS NOT NULL THEN ${cast(quoteLiteral(rule.value), column)} END`,
        distinct: false,
        uncertain: true,
      };
    case 'sql':
      // The line end closes a comment.
      return { sql: cast(`(${rule.sql}\n)`, column), distinct: false, uncertain: true };
    case 'hash':
      return hashed(column);
    case 'email':
    case 'keepDomain':
    case 'name':
    case 'phone':
      return ofText(rule.kind, column);
    default:
      return rule satisfies never;
  }
}

function hashed(column: MaskedColumn): MaskSql | string {
  const value = quoteIdentifier(column.name);
  if (column.base === 'uuid')
    return certain(cast(`pg_catalog.left(${digits(`${value}::pg_catalog.text`)}, 32)`, column), true);
  if (column.base === 'bytea') {
    const keyed = `pg_catalog.convert_to(pg_catalog.current_setting('${maskKeySetting}'), 'UTF8') OPERATOR(pg_catalog.||) ${value}`;
    return certain(cast(`pg_catalog.sha256(${keyed})`, column), true);
  }
  return ofText('hash', column);
}

function ofText(
  kind: 'email' | 'keepDomain' | 'name' | 'phone' | 'hash',
  column: MaskedColumn,
): MaskSql | string {
  const others = kind === 'hash' ? 'texts, uuid and bytea' : 'texts';
  if (!texts.has(column.base))
    return `is of type ${column.type}, and the rule ${kind} is for ${others}; give it an expression (sql)`;
  const value = textOf(column);
  const room = column.length ?? Infinity;
  const tooShort = (needs: number): string =>
    `has room for ${room} characters, and the rule ${kind} needs ${needs}; use hash, fixed or sql`;
  const fit = (used: number): number => Math.min(digitsMax, room - used);
  switch (kind) {
    case 'hash': {
      const count = fit(0);
      return certain(cast(left(digits(value), count), column), count >= digitsMin);
    }
    case 'email': {
      const count = Math.min(digitsMin, fit(1 + mailEnd.length));
      if (count < 12) return tooShort(1 + 12 + mailEnd.length);
      return certain(
        cast(`'u' || ${left(digits(value), count)} || ${quoteLiteral(mailEnd)}`, column),
        count >= digitsMin,
      );
    }
    case 'keepDomain': {
      // What has no domain is no address, and nothing of it stays.
      const domain = `COALESCE(pg_catalog.substring(${value}, '@[^@]*$'), ${quoteLiteral(mailEnd)})`;
      const masked = `'u' || ${left(digits(value), digitsMin)} || ${domain}`;
      return { sql: cast(masked, column), distinct: true, uncertain: column.length !== null };
    }
    case 'phone': {
      // +999 is nobody's country code.
      if (room < 16) return tooShort(16);
      const number = `(('x' || ${left(digits(value), 15)})::pg_catalog.bit(60)::pg_catalog.int8 % 1000000000000)::pg_catalog.text`;
      return certain(cast(`'+999' || pg_catalog.lpad(${number}, 12, '0')`, column), false);
    }
    case 'name': {
      const longest = Math.max(...[givenNames, familyNames].map((names) => longestOf(names))) * 2 + 1;
      if (room < longest) return tooShort(longest);
      return certain(cast(nameOf(value), column), false);
    }
    default:
      return kind satisfies never;
  }
}

function nameOf(value: string): string {
  const list = (names: readonly string[]): string => `('{${names.join(',')}}'::pg_catalog.text[])`;
  const at = (byte: number): string => `[1 + (pg_catalog.get_byte(hashed.bytes, ${byte}) & 63)]`;
  // OFFSET 0: the hash is made once for both.
  return `(SELECT ${list(givenNames)}${at(0)} || ' ' || ${list(familyNames)}${at(1)} FROM (SELECT ${keyed(value)} AS bytes OFFSET 0) AS hashed)`;
}

function longestOf(names: readonly string[]): number {
  return Math.max(...names.map(({ length }) => length));
}

function certain(sql: string, distinct: boolean): MaskSql {
  return { sql, distinct, uncertain: false };
}

function cast(sql: string, { type }: MaskedColumn): string {
  return `CAST(${sql} AS ${type})`;
}

function left(sql: string, count: number): string {
  return `pg_catalog.left(${sql}, ${count})`;
}

function digits(value: string): string {
  return `pg_catalog.encode(${keyed(value)}, 'hex')`;
}

/**
 * SHA-256 of the key and the value. The key fills the first block of the hash, and at most half of the outcome is ever
 * shown, so nothing can be added to a value behind it. NULL stays NULL.
 */
function keyed(value: string): string {
  return `pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.current_setting('${maskKeySetting}') || ${value}, 'UTF8'))`;
}

/** The value as text: equal for values that the column's type takes for equal. */
function textOf({ name, base }: MaskedColumn): string {
  const text = `${quoteIdentifier(name)}::pg_catalog.text`;
  if (base === 'citext') return `pg_catalog.lower(${text})`;
  // A cast from char(n) leaves its blanks behind, as its comparisons do.
  return text;
}
