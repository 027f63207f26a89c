import { bodyPlace, isAlias, isKeyword, isValuePlace } from './body-places.ts';
import { bodyTokens, isName, isOperator, namesIn } from './body-tokens.ts';
import type { BodyToken } from './body-tokens.ts';
import { bodyVariables } from './body-variables.ts';
import { operandAfter, operandBefore } from './operands.ts';
import type { Operand } from './operands.ts';

/** What a word of a body can be the name of. */
export type NamedKind =
  | 'routine'
  | 'relation'
  | 'type'
  | 'operator'
  | 'collation'
  | 'text search'
  /** A routine called like a field of the row that is its only argument: `($1).area`, `t.area`. */
  | 'field';

/** A name in a body, which is looked for when the body is run. */
export interface BodyReference {
  /** Null where the search path decides. */
  readonly schema: string | null;
  readonly name: string;
  readonly kinds: readonly NamedKind[];
  /** Only a name can stand there; other words may be columns, variables or mere text. */
  readonly sure: boolean;
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
 * where a string is nothing but one (`'orders'::regclass`, `to_tsvector('plain', …)`). What is called as an argument
 * or a variable is that wherever a value can stand.
 */
export function bodyReferences(source: string, argumentNames: readonly string[] = []): BodyReferences {
  const tokens = bodyTokens(source);
  const locals = namesOfQueries(tokens);
  const variables = bodyVariables(tokens);
  const values = new Set([...argumentNames, ...variables.keys()]);
  const found = new FoundNames();
  const add = (reference: NewReference): void => found.add(reference);
  /** A variable is of the type that it was declared with. */
  const typed = (operand: Operand): Operand => {
    if (typeof operand === 'string' || !('argument' in operand)) return operand;
    const type = variables.get(String(operand.argument));
    if (type === undefined) return operand;
    return type === null || argumentNames.includes(String(operand.argument)) ? 'any' : { type };
  };
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (token === undefined) break;
    if (token.kind === 'string') {
      const [first, second, third] = namesIn(token.text);
      if (first === undefined || third !== undefined) continue;
      const [schema, name] = second === undefined ? [null, first] : [first, second];
      add({ schema, name, kinds: ['relation', 'text search', 'routine', 'type', 'collation'], sure: false });
    } else if (token.kind === 'number') {
      // `$1.field`
      const [, field] = /^\$\d+\.([A-Za-z_]\w*)/.exec(token.text) ?? [];
      if (field !== undefined) found.addField(field.toLowerCase());
    } else if (token.kind === 'symbol' && token.text !== ';') {
      // `OPERATOR(schema.+)` says its schema, which comes with the name before it.
      if (isOperator(token.text) && tokens[at - 1]?.text !== '.')
        add({
          schema: null,
          name: token.text,
          kinds: ['operator'],
          sure: true,
          operands: [[typed(operandBefore(tokens, at)), typed(operandAfter(tokens, at))]],
        });
    } else if (isName(token)) {
      for (const name of impliedOperators(token, tokens[at + 1]))
        add({ schema: null, name, kinds: ['operator'], sure: true, operands: [['any', 'any']] });
      const start = at;
      const parts = [token.text];
      while (tokens[at + 1]?.text === '.' && isName(tokens[at + 2])) {
        parts.push(tokens[at + 2]?.text ?? '');
        at += 2;
      }
      if (tokens[at + 1]?.text === '.' && isOperator(tokens[at + 2]?.text ?? '')) {
        add({ schema: token.text, name: tokens[at + 2]?.text ?? '', kinds: ['operator'], sure: true });
        continue;
      }
      const isAfterDot = tokens[start - 1]?.text === '.';
      // Not behind `1..`.
      const isField = isAfterDot && /^[)\]]$/.test(tokens[start - 2]?.text ?? '');
      if (parts.length > 1 || isField) found.addField(parts.at(-1) ?? '');
      if (parts.length > 2 || isAfterDot) continue;
      const [first = '', second] = parts;
      const place = bodyPlace(tokens, start, at + 1);
      if (second === undefined) {
        if (locals.has(first) || isKeyword(token) || isAlias(tokens, start)) continue;
        const isCalled = place.sure || tokens[at + 1]?.text === '(';
        if (values.has(first) && !isCalled && isValuePlace(tokens, start, at + 1)) continue;
      }
      const [schema, name] = second === undefined ? [null, first] : [first, second];
      add({ schema, name, ...place });
    }
  }
  return {
    references: found.all,
    dynamic: tokens.some(({ kind, text }) => kind === 'word' && runsText.test(text)),
  };
}

type NewReference = Omit<BodyReference, 'operands'> & Partial<BodyReference>;

/** The names of a body, each once, with all that is known of it from wherever it stands. */
class FoundNames {
  readonly #found = new Map<string, BodyReference>();

  get all(): readonly BodyReference[] {
    return [...this.#found.values()];
  }

  add({ operands = [], ...reference }: NewReference): void {
    const key = JSON.stringify([reference.schema, reference.name, reference.kinds]);
    const known = this.#found.get(key);
    const sure = reference.sure || known?.sure === true;
    const all = [...(known?.operands ?? []), ...operands];
    const once = new Map(all.map((sides) => [JSON.stringify(sides), sides]));
    this.#found.set(key, { ...reference, sure, operands: [...once.values()] });
  }

  addField(name: string): void {
    this.add({ schema: null, name, kinds: ['field'], sure: false });
  }
}

/** EXECUTE, and functions of PostgreSQL, tablefunc and xml2 that run a statement they are given as text. */
const runsText =
  /^(?:execute|(?:query|cursor|table|schema|database)_to_xml\w*|ts_stat|ts_rewrite|crosstab\w*|connectby|xpath_table)$/;

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
