import { storedNodes } from './stored-expression.ts';
import type { ExpressionNode } from './stored-expression.ts';

/** One place in a stored expression where an operator acts. */
export interface OperatorUse {
  /** OID of the operator. */
  readonly operator: number;
  /** Its text has no schema for the operator: whoever reads it again looks for the plain name. */
  readonly byName: boolean;
  /**
   * OIDs of the types that its text has on its sides, which leaves some casts out that made them fit the operator: 0 on
   * a side that has nothing, null where the expression does not say.
   */
  readonly types: readonly [left: number | null, right: number | null];
  /** Rows are compared column by column under one name, that of the first: what belongs together has one number. */
  readonly row: number | null;
}

/**
 * The operators of a stored expression, in its order, which is the same wherever servers of one major have read the
 * same text. What a text does not say of them:
 *
 * | text | stored as |
 * | --- | --- |
 * | `a IS DISTINCT FROM b`, `NULLIF(a, b)` | an expression of its own |
 * | `CASE a WHEN b` | an operator on a place-holder for `a` |
 * | `JOIN … USING`, `NATURAL JOIN` | the condition of the join |
 * | `(a, b) < (c, d)`, `(a, b) IN (SELECT …)` | several operators, of which the first one's name is written |
 */
export function operatorUses(tree: string): readonly OperatorUse[] {
  const uses: OperatorUse[] = [];
  let rows = 0;
  const collect = (node: ExpressionNode, byName: boolean, row: number | null): void => {
    const own = isRowComparison(node) ? (rows += 1) : row;
    for (const [at, operator] of operatorsOf(node).entries()) {
      const types = typesOf(node, at, byName || isCaseTest(node));
      uses.push({ operator, byName: byName || isNameless(node), types, row: own });
    }
    const isList = node.type === 'BOOLEXPR';
    for (const [field, values] of node.fields) {
      const isJoin =
        node.type === 'JOINEXPR' &&
        field === 'quals' &&
        (node.fields.get('usingClause')?.[0] ?? '<>') !== '<>';
      for (const value of values) {
        if (typeof value === 'string') continue;
        const isRow = field === 'testexpr' && value.type === 'BOOLEXPR';
        collect(value, isJoin || (isList && byName), isRow ? (rows += 1) : isList ? row : null);
      }
    }
  };
  for (const node of storedNodes(tree)) collect(node, false, null);
  return uses;
}

/** Some kinds have a longer name from 16 on. */
function isRowComparison({ type }: ExpressionNode): boolean {
  return type === 'ROWCOMPAREEXPR' || type === 'ROWCOMPARE';
}

function operatorsOf(node: ExpressionNode): readonly number[] {
  return (node.fields.get(isRowComparison(node) ? 'opnos' : 'opno') ?? []).flatMap((value) =>
    typeof value === 'string' && /^\d+$/.test(value) ? [Number(value)] : [],
  );
}

function isNameless(node: ExpressionNode): boolean {
  return node.type === 'DISTINCTEXPR' || node.type === 'NULLIFEXPR' || isCaseTest(node);
}

function isCaseTest({ type, fields }: ExpressionNode): boolean {
  const args = type === 'OPEXPR' ? (fields.get('args') ?? []) : [];
  return args.some((arg) => withoutImplicitCasts(arg)?.type === 'CASETESTEXPR');
}

/** `withoutCasts`: its text has no place for casts that nobody wrote, as in `CASE a WHEN b` and `USING`. */
function typesOf(node: ExpressionNode, at: number, withoutCasts: boolean): OperatorUse['types'] {
  const { fields } = node;
  const of = (value: ExpressionNode | string | undefined): number | null => typeOf(value, withoutCasts);
  if (isRowComparison(node)) return [of(fields.get('largs')?.[at]), of(fields.get('rargs')?.[at])];
  const args = fields.get('args') ?? [];
  return args.length === 1 ? [0, of(args[0])] : [of(args[0]), of(args[1])];
}

/** Of each kind of cast, the field that says whether somebody wrote it. */
const castFormats: Readonly<Record<string, string>> = {
  ARRAYCOERCEEXPR: 'coerceformat',
  COERCETODOMAIN: 'coercionformat',
  COERCEVIAIO: 'coerceformat',
  CONVERTROWTYPEEXPR: 'convertformat',
  FUNCEXPR: 'funcformat',
  RELABELTYPE: 'relabelformat',
};
/** Nobody did: COERCE_IMPLICIT_CAST. */
const implicit = '2';

function withoutImplicitCasts(value: ExpressionNode | string | undefined): ExpressionNode | null {
  if (value === undefined || typeof value === 'string') return null;
  const format = castFormats[value.type];
  if (format === undefined || value.fields.get(format)?.[0] !== implicit) return value;
  return withoutImplicitCasts((value.fields.get('arg') ?? value.fields.get('args'))?.[0]);
}

/** The fields in which the kinds of nodes name the type of their result. */
const typeFields = [
  'vartype',
  'consttype',
  'typeId',
  'paramtype',
  'funcresulttype',
  'opresulttype',
  'resulttype',
  'casetype',
  'coalescetype',
  'minmaxtype',
  'aggtype',
  'wintype',
  'row_typeid',
  'array_typeid',
  'refrestype',
];

function typeOf(value: ExpressionNode | string | undefined, withoutCasts: boolean): number | null {
  const bare = withoutImplicitCasts(value);
  // Of a subquery's column the text is the subquery.
  const node = withoutCasts || bare?.type === 'PARAM' || typeof value === 'string' ? bare : (value ?? null);
  const field = typeFields.find((name) => node?.fields.has(name));
  const type = field === undefined ? undefined : node?.fields.get(field)?.[0];
  return typeof type === 'string' && /^\d+$/.test(type) ? Number(type) : null;
}
