import { describe, expect, it } from 'vitest';
import { operatorUses } from './operator-uses.ts';

const seen = (tree: string): readonly unknown[] =>
  operatorUses(tree).map(({ operator, byName, types }) => [operator, byName, ...types]);

describe('the operators of a stored expression', () => {
  it('are found with their types, which casts of the server do not hide', () => {
    const tree =
      '{DISTINCTEXPR :opno 98 :args ({RELABELTYPE :arg {VAR :varno 1 :vartype 1043} :resulttype 25 :relabelformat 2} {CONST :consttype 25 :constvalue 4 [ 12 0 -1 3 ]})}';
    expect(seen(tree)).toEqual([[98, true, 1043, 25]]);
    expect(seen(tree.replace(':relabelformat 2', ':relabelformat 1'))).toEqual([[98, true, 25, 25]]);
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
