import { bodyTokens, isName, isOperator, namesIn } from './body-tokens.ts';
import type { BodyToken } from './body-tokens.ts';
import { operandAfter, operandBefore } from './operands.ts';
import type { Operand } from './operands.ts';

/** What a word of a body can be the name of. */
export type NamedKind = 'routine' | 'relation' | 'type' | 'operator' | 'collation' | 'text search';

/** A name in a body, which is looked for when the body is run. */
export interface BodyReference {
  /** Null where the search path decides. */
  readonly schema: string | null;
  readonly name: string;
  readonly kinds: readonly NamedKind[];
  /** Only a name can stand there; other words may be columns, variables or mere text. */
  readonly sure: boolean;
  /** It stands only where a value can, so that an argument of this name is meant. */
  readonly value: boolean;
  /** Of operators: what stands on their sides, wherever they are used. */
  readonly operands: readonly (readonly [left: Operand, right: Operand])[];
}

export interface BodyReferences {
  readonly references: readonly BodyReference[];
  /** It makes statements at run time, whose names are not in its text. */
  readonly dynamic: boolean;
}

/**
 * The names in a body of SQL or PL/pgSQL, by its words alone: whether a word is a name at all often depends on what the
 * server knows, so that these are candidates. Only names in plain text: the inside of strings is taken for a name
 * where a string is nothing but one (`'orders'::regclass`, `to_tsvector('plain', …)`).
 */
export function bodyReferences(source: string): BodyReferences {
  const tokens = bodyTokens(source);
  const locals = namesOfQueries(tokens);
  const found = new Map<string, BodyReference>();
  const readsTables = tokens.some(({ kind, text }) => kind === 'word' && beforeRelations.has(text));
  const add = ({
    operands = [],
    value = false,
    ...reference
  }: Omit<BodyReference, 'operands' | 'value'> & Partial<BodyReference>): void => {
    const key = JSON.stringify([reference.schema, reference.name, reference.kinds]);
    const known = found.get(key);
    const sure = reference.sure || known?.sure === true;
    const all = [...(known?.operands ?? []), ...operands];
    const once = new Map(all.map((sides) => [JSON.stringify(sides), sides]));
    found.set(key, {
      ...reference,
      sure,
      value: value && known?.value !== false,
      operands: [...once.values()],
    });
  };
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (token === undefined) break;
    if (token.kind === 'string') {
      const [first, second, third] = namesIn(token.text);
      if (first === undefined || third !== undefined) continue;
      const [schema, name] = second === undefined ? [null, first] : [first, second];
      add({ schema, name, kinds: ['relation', 'text search', 'routine', 'type', 'collation'], sure: false });
    } else if (token.kind === 'symbol' && token.text !== ';') {
      // `OPERATOR(schema.+)` says its schema, which comes with the name before it.
      if (isOperator(token.text) && tokens[at - 1]?.text !== '.')
        add({
          schema: null,
          name: token.text,
          kinds: ['operator'],
          sure: true,
          operands: [[operandBefore(tokens, at), operandAfter(tokens, at)]],
        });
    } else if (isName(token)) {
      for (const name of impliedOperators(token, tokens[at + 1]))
        add({ schema: null, name, kinds: ['operator'], sure: true, operands: [['any', 'any']] });
      const parts = [token.text];
      const before = tokens[at - 1];
      while (tokens[at + 1]?.text === '.' && isName(tokens[at + 2])) {
        parts.push(tokens[at + 2]?.text ?? '');
        at += 2;
      }
      if (tokens[at + 1]?.text === '.' && isOperator(tokens[at + 2]?.text ?? '')) {
        add({ schema: token.text, name: tokens[at + 2]?.text ?? '', kinds: ['operator'], sure: true });
        continue;
      }
      if (parts.length > 2 || before?.text === '.') continue;
      const [first = '', second] = parts;
      const isKeyword = token.kind === 'word' && (beforeExpressions.has(first) || beforeRelations.has(first));
      if (second === undefined && (locals.has(first) || isKeyword)) continue;
      const [schema, name] = second === undefined ? [null, first] : [first, second];
      add({
        schema,
        name,
        ...placeOf(before, tokens[at + 1]),
        value: schema === null && isValue(before, readsTables),
      });
    }
  }
  return {
    references: [...found.values()],
    dynamic: tokens.some(({ kind, text }) => kind === 'word' && text === 'execute'),
  };
}

/** Operators that words stand for; without what follows where any word may. */
const operatorsOfWords: ReadonlyMap<
  string,
  { readonly followed?: RegExp; readonly names: readonly string[] }
> = new Map(
  Object.entries({
    between: { names: ['<', '<=', '>', '>='] },
    case: { followed: /^(?!when$)/, names: ['='] },
    distinct: { followed: /^from$/, names: ['='] },
    ilike: { names: ['~~*', '!~~*'] },
    in: { followed: /^[(]$/, names: ['=', '<>'] },
    like: { names: ['~~', '!~~'] },
    natural: { names: ['='] },
    nullif: { names: ['='] },
    similar: { names: ['~', '!~'] },
    using: { followed: /^[(]$/, names: ['='] },
  }),
);

function impliedOperators(token: BodyToken, after: BodyToken | undefined): readonly string[] {
  const implied = token.kind === 'word' ? operatorsOfWords.get(token.text) : undefined;
  return implied === undefined || implied.followed?.test(after?.text ?? '') === false ? [] : implied.names;
}

/** Words after which an expression begins, so that a name with a bracket is a call. */
const beforeExpressions = new Set(
  `select return perform where and or not when then else if elsif elseif while in on by having distinct all any case
   lateral values returning limit offset between like ilike is call query union exists default set`.split(
    /\s+/,
  ),
);
const beforeRelations = new Set(['from', 'join', 'update']);

function placeOf(
  before: BodyToken | undefined,
  after: BodyToken | undefined,
): Pick<BodyReference, 'kinds' | 'sure'> {
  const word = before?.kind === 'word' ? before.text : null;
  if (after?.text === '(') {
    const isCall =
      word === null
        ? before === undefined || before.kind === 'symbol'
        : beforeExpressions.has(word) || beforeRelations.has(word);
    // Not a call: `INSERT INTO t (…)`, `f() AS t (…)`, a type with a length.
    return isCall && !['::', ')', ']'].includes(before?.text ?? '')
      ? { kinds: ['routine'], sure: true }
      : { kinds: ['routine', 'relation', 'type'], sure: false };
  }
  if (before?.text === '::') return { kinds: ['type'], sure: true };
  if (word === 'collate') return { kinds: ['collation'], sure: true };
  if (word !== null && beforeRelations.has(word)) return { kinds: ['relation'], sure: true };
  return { kinds: ['relation', 'type'], sure: false };
}

/** Whether a value begins after this token. Behind a comma a table may stand too. */
function isValue(before: BodyToken | undefined, readsTables: boolean): boolean {
  if (before?.kind === 'word') return beforeExpressions.has(before.text);
  if (before?.kind !== 'symbol') return false;
  return before.text === ',' ? !readsTables : before.text === '(' || isOperator(before.text);
}

/** Names that a query gives to a part of itself: `WITH a AS (…), b (c) AS MATERIALIZED (…)`. */
function namesOfQueries(tokens: readonly BodyToken[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [at, token] of tokens.entries()) {
    if (token.kind !== 'word' || token.text !== 'as') continue;
    let after = at + 1;
    while (['not', 'materialized'].includes(tokens[after]?.text ?? '')) after += 1;
    if (tokens[after]?.text !== '(') continue;
    let name = at - 1;
    if (tokens[name]?.text === ')') {
      while (name > 0 && tokens[name]?.text !== '(') name -= 1;
      name -= 1;
    }
    const named = tokens[name];
    if (named !== undefined && isName(named)) names.add(named.text);
  }
  return names;
}
