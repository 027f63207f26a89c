import { describe, expect, it } from 'vitest';
import { operatorUses } from './operator-uses.ts';

const seen = (tree: string): readonly unknown[] =>
  operatorUses(tree).map(({ operator, byName, types }) => [operator, byName, ...types]);

describe('the operators of a stored expression', () => {
  it('are found with the types that their text has, without the casts for which it has no place', () => {
    const arg = (format: number): string =>
      `{RELABELTYPE :arg {VAR :varno 1 :vartype 1043} :resulttype 25 :relabelformat ${format}}`;
    const other = '{CONST :consttype 25 :constvalue 4 [ 12 0 -1 3 ]}';
    const distinct = (format: number): string => `{DISTINCTEXPR :opno 98 :args (${arg(format)} ${other})}`;
    const using = (format: number): string =>
      `{JOINEXPR :usingClause ("a") :quals {OPEXPR :opno 98 :args (${arg(format)} ${other})}}`;
    expect([1, 2].map((format) => seen(distinct(format))[0])).toEqual([
      [98, true, 25, 25],
      [98, true, 25, 25],
    ]);
    expect([1, 2].map((format) => seen(using(format))[0])).toEqual([
      [98, true, 25, 25],
      [98, true, 1043, 25],
    ]);
    expect(
      seen(
        '{OPEXPR :opno 9 :args ({RELABELTYPE :arg {PARAM :paramtype 7} :resulttype 25 :relabelformat 2})}',
      ),
    ).toEqual([[9, false, 0, 7]]);
  });

  it.each(['CASE', 'CASEEXPR'])('are by name in a CASE with a value (%s)', (name) => {
    const compared = (arg: string): string =>
      `{${name} :casetype 23 :arg <> :args ({WHEN :expr {OPEXPR :opno 91 :args (${arg} {CONST :consttype 16})} :result {OPEXPR :opno 92 :args ({VAR :vartype 16})}})}`;
    expect(seen(compared('{CASETESTEXPR :typeId 16}'))).toEqual([
      [91, true, 16, 16],
      [92, false, 0, 16],
    ]);
    expect(seen(compared('{VAR :vartype 16}'))).toEqual([
      [91, false, 16, 16],
      [92, false, 0, 16],
    ]);
  });

  it('are by name in the condition of JOIN USING, not in that of ON', () => {
    const join = (using: string): string =>
      `{JOINEXPR :usingClause ${using} :quals {BOOLEXPR :boolop and :args ({OPEXPR :opno 1 :args ({VAR :vartype 2} {FUNCEXPR :funcresulttype 3 :args ({OPEXPR :opno 4 :args ({VAR :vartype 5})})})} {OPEXPR :opno 6 :args ()})} :rtindex 3}`;
    expect(operatorUses(join('("a\\ \\}b" "c")')).map(({ operator, byName }) => [operator, byName])).toEqual([
      [1, true],
      [4, false],
      [6, true],
    ]);
    expect(operatorUses(join('<>')).some(({ byName }) => byName)).toBe(false);
  });

  it('of one comparison of rows belong together', () => {
    const tree =
      '{SUBLINK :testexpr {BOOLEXPR :args ({OPEXPR :opno 1 :args ()} {OPEXPR :opno 2 :args ()})}} {ROWCOMPAREEXPR :opnos (o 3 4) :largs ({VAR :vartype 5} {VAR :vartype 6}) :rargs ({VAR :vartype 7} {VAR :vartype 8})} {OPEXPR :opno 9 :args ()}';
    expect(operatorUses(tree).map(({ operator, row }) => [operator, row])).toEqual([
      [1, 1],
      [2, 1],
      [3, 2],
      [4, 2],
      [9, null],
    ]);
    expect(seen(tree)[3]).toEqual([4, false, 6, 8]);
  });
});
