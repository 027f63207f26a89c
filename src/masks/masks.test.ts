import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { expressionFault, namesIn } from './expression.ts';
import { maskKey, maskKeyId } from './mask-key.ts';
import { maskSql } from './mask-sql.ts';
import { familyNames, givenNames } from './people-names.ts';
import { looksPersonal } from './personal.ts';
import { readingSql } from './reading.ts';

describe('expressionFault', () => {
  it.each([
    ["left(zip, 2) || '000'", null],
    ['\';\' || "a;b" -- now(', null],
    ["$$ ) $$ || 'a' /* ( */", null],
    ['x), (secret', /has a "\)" too many/],
    ['(x]', /has a "\]" too many/],
    ['lower(x', /lacks the end of a "\("/],
    ['x; DROP TABLE y', /without ";"/],
    ["created_at > now() - interval '1 day'", /uses now, which gives another answer/],
    ['CURRENT_DATE', /uses current_date/],
    ['"now"', null],
  ])('%s', (sql, fault) => {
    if (fault === null) expect(expressionFault(sql)).toBeNull();
    else expect(expressionFault(sql)).toMatch(fault);
  });

  it('finds what may be a function', () => {
    expect(namesIn('public."My""F"(x) || Other(1)')).toEqual(['public', 'My"F', 'x', 'other']);
  });
});

describe('maskSql', () => {
  const column = { name: 'c', type: 'text', base: 'text', length: null, notNull: true };
  const told = (...[rule, change]: [Parameters<typeof maskSql>[0], object?]) => {
    const mask = maskSql(rule, { ...column, ...change });
    return typeof mask === 'string' ? mask : { distinct: mask.distinct, uncertain: mask.uncertain };
  };

  it('says what a rule keeps apart, and what has to be asked of the rows', () => {
    const sure = { distinct: true, uncertain: false };
    expect(told({ kind: 'hash' })).toEqual(sure);
    expect(told({ kind: 'hash' }, { length: 12 })).toEqual({ distinct: false, uncertain: false });
    expect(told({ kind: 'hash' }, { base: 'uuid', type: 'uuid' })).toEqual(sure);
    expect(told({ kind: 'email' }, { length: 37 })).toEqual(sure);
    expect(told({ kind: 'email' }, { length: 30 })).toEqual({ distinct: false, uncertain: false });
    expect(told({ kind: 'email' }, { length: 28 })).toMatch(/needs 29/);
    expect(told({ kind: 'keepDomain' }, { length: 40 })).toEqual({ distinct: true, uncertain: true });
    expect(told({ kind: 'hash' }, { base: 'int4', type: 'integer' })).toMatch(/is of type integer/);
    expect(told({ kind: 'null' })).toMatch(/NOT NULL/);
    expect(told({ kind: 'sql', sql: 'x' })).toEqual({ distinct: false, uncertain: true });
  });

  it('has 64 names of each kind, none twice, so that six bits choose one', () => {
    for (const names of [givenNames, familyNames])
      expect([names.length, new Set(names).size]).toEqual([64, 64]);
  });
});

describe('readingSql', () => {
  it('makes generated columns again from masks, and leaves others where they are', () => {
    const read = (name: string, mask: string | null, again: string | null) => ({
      name,
      type: 'text',
      mask,
      again,
    });
    const table = { from: 'ONLY "s"."t"', name: 't', conditions: ['(a > 1\n)'] };
    expect(readingSql({ ...table, columns: [read('a', null, null), read('b', 'f("b")', null)] })).toBe(
      'SELECT "a", f("b") AS "b" FROM ONLY "s"."t" AS "t"\nWHERE (a > 1\n)',
    );
    expect(
      readingSql({ ...table, conditions: [], columns: [read('b', 'm', null), read('g', null, 'upper(b)')] }),
    ).toBe(
      'SELECT "b", CAST((upper(b)) AS text) AS "g"\nFROM (SELECT m AS "b" FROM ONLY "s"."t" AS "t"\nOFFSET 0) AS "t"',
    );
  });
});

describe('looksPersonal', () => {
  const look = (name: string, base = 'text', comment: string | null = null) =>
    looksPersonal({ name, base, comment, generated: null });

  it.each([
    ['email', 'email'],
    ['contactEmail', 'email'],
    ['email_verified_at', 'email'],
    ['first_name', 'name'],
    ['displayName', 'name'],
    ['mobile_phone', 'phone'],
    ['passwordHash', 'hash'],
    ['ip_address', 'null'],
    ['postal_code', 'null'],
    ['title', null],
    ['product_name', null],
    ['description', null],
    ['telemetry', null],
    ['shipping', null],
  ])('%s', (name, rule) => expect(look(name)).toBe(rule));

  it('looks at types and comments, too', () => {
    expect(look('token', 'int4')).toBeNull();
    expect(look('birthday', 'date')).toBe('null');
    expect(look('seen', 'inet')).toBe('null');
    expect(look('x', 'text', 'Contains PII')).toBe('hash');
    expect(look('is_email', 'bool')).toBeNull();
  });
});

it('makes a key that shows nothing of the salt, and an id that shows nothing of the key', () => {
  const key = maskKey('a salt that is long enough');
  expect(key.reveal()).toMatch(/^[0-9a-f]{64}$/);
  expect(inspect(key)).not.toContain(key.reveal());
  expect(key.reveal()).not.toContain(maskKeyId(key));
  expect(maskKeyId(key)).not.toBe(maskKeyId(maskKey('another salt that is long enough')));
});
