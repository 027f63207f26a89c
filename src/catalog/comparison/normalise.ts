import { sqlTokens } from './sql-tokens.ts';

/**
 * A statement as words, with the three differences removed that reloading a server's own text is known to make
 * (docs/facts/postgresql.md#reading-definitions-back; test/catalog/drift.pg.test.ts makes each of them on a real
 * server). Nothing else is tolerated.
 *
 * - `(ARRAY['a'::character varying, …])::text[]`, from `varchar IN (…)`, becomes an array of single casts;
 * - a bare `NULL::integer` of a UNION gains the name it has anyway, `AS int4`;
 * - the field of EXTRACT changes case.
 */
export function normalise(sql: string): string {
  return normalisedTokens(sql).join('\u0000');
}

export function normalisedTokens(sql: string): readonly string[] {
  return extractFields(nullAliases(arrayCasts(sqlTokens(sql))));
}

/** `( ARRAY [ e1 , e2 ] ) :: type [ ]` → `( ARRAY [ ( e1 ) :: type , ( e2 ) :: type ] )`, without the outer pair. */
function arrayCasts(tokens: readonly string[]): string[] {
  const result: string[] = [];
  for (let at = 0; at < tokens.length; at += 1) {
    const cast = arrayCastAt(tokens, at);
    if (cast === null) {
      result.push(tokens[at] ?? '');
      continue;
    }
    const elements = cast.elements.map((element) => ['(', ...arrayCasts(element), ')', '::', ...cast.type]);
    result.push(
      'ARRAY',
      '[',
      ...elements.flatMap((element, index) => (index === 0 ? element : [',', ...element])),
      ']',
    );
    at = cast.end;
  }
  return result;
}

interface ArrayCast {
  readonly elements: readonly (readonly string[])[];
  readonly type: readonly string[];
  /** Place of its last token. */
  readonly end: number;
}

function arrayCastAt(tokens: readonly string[], at: number): ArrayCast | null {
  if (tokens[at] !== '(' || tokens[at + 1] !== 'ARRAY' || tokens[at + 2] !== '[') return null;
  const elements: string[][] = [[]];
  let depth = 1;
  let next = at + 3;
  for (; next < tokens.length; next += 1) {
    const token = tokens[next] ?? '';
    if (token === '(' || token === '[') depth += 1;
    if (token === ')' || token === ']') depth -= 1;
    if (depth === 0) break;
    if (token === ',' && depth === 1) elements.push([]);
    else elements.at(-1)?.push(token);
  }
  // Only the type that IN over varchar brings: any other cast of an array is the author's.
  const tail = tokens.slice(next, next + 6);
  const expected = [']', ')', '::', 'text', '[', ']'];
  if (!expected.every((token, index) => tail[index] === token)) return null;
  return { elements, type: ['text'], end: next + 5 };
}

/** SQL names of types whose internal name, which a cast without an alias gets, is another. */
const internalNames: Readonly<Record<string, string>> = {
  bigint: 'int8',
  boolean: 'bool',
  character: 'bpchar',
  'character varying': 'varchar',
  'double precision': 'float8',
  integer: 'int4',
  real: 'float4',
  smallint: 'int2',
  'time with time zone': 'timetz',
  'time without time zone': 'time',
  'timestamp with time zone': 'timestamptz',
  'timestamp without time zone': 'timestamp',
};

/** `NULL :: integer AS int4` → `NULL :: integer`: the same name either way. */
function nullAliases(tokens: readonly string[]): string[] {
  const result: string[] = [];
  for (let at = 0; at < tokens.length; at += 1) {
    result.push(tokens[at] ?? '');
    if (tokens[at] !== '::' || tokens[at - 1] !== 'NULL') continue;
    const alias = tokens.indexOf('AS', at);
    const type = alias === -1 ? [] : tokens.slice(at + 1, alias);
    if (type.length === 0 || !type.every((word) => /^\w+$/.test(word))) continue;
    const sqlName = type.join(' ');
    if (tokens[alias + 1] !== (internalNames[sqlName] ?? sqlName)) continue;
    result.push(...type);
    at = alias + 1;
  }
  return result;
}

function extractFields(tokens: readonly string[]): string[] {
  return tokens.map((token, index) => {
    const isField =
      tokens[index - 2] === 'EXTRACT' && tokens[index - 1] === '(' && tokens[index + 1] === 'FROM';
    return isField ? token.toLowerCase() : token;
  });
}
