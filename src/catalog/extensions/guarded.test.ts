import { array, assert, boolean, constantFrom, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { definitionIn, guarded, prepared, unguarded, withDefinition } from './guarded.ts';

const guard = { condition: "'$part$ $statements$' <> ''", excuse: null };

describe('a guard', () => {
  it('keeps every text as it is', () => {
    const nasty = array(
      constantFrom('$', 'statements', 'part', '$part$', '$statements$', "';", '\nBEGIN\n', 'x'),
    );
    assert(
      property(nasty, boolean(), (words, excused) => {
        const text = words.join('');
        const sql = guarded(text, { ...guard, excuse: excused ? "'$part$' = ''" : null });
        expect([unguarded(sql), definitionIn(sql)]).toEqual([text, text]);
        const longer = withDefinition(sql, (statements) => `${statements}$partx$statementsx$`);
        expect(unguarded(longer)).toBe(`${text}$partx$statementsx$`);
        expect(withDefinition(longer, () => text)).toBe(sql);
      }),
    );
  });

  it('is told from what only comes before a definition', () => {
    const sql = prepared(["PERFORM '$before$;\n';"], 'SELECT 1;');
    expect([definitionIn(sql), unguarded(sql), prepared([], 'SELECT 1;')]).toEqual([
      'SELECT 1;',
      null,
      'SELECT 1;',
    ]);
  });

  it('is not seen where there is none', () => {
    const sql = 'CREATE INDEX i ON t (a);';
    expect([unguarded(sql), definitionIn(sql), withDefinition(sql, (text) => `${text}x`)]).toEqual([
      null,
      sql,
      `${sql}x`,
    ]);
    expect(unguarded(`DO LANGUAGE "plpgsql" $part$ BEGIN END $part$;`)).toBeNull();
  });
});
