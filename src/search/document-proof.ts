/** Before the digits of a whole number that a JavaScript number cannot hold. */
const wholeNumber = '\uE000whole number ';
/** A string, to be passed over, or a number. */
const tokens = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const manyDigits = /\d{16}/;
const [wholeMin, wholeMax] = [-(2n ** 63n), 2n ** 64n - 1n];

/**
 * What a document says, whoever wrote its JSON: order of keys, white space, escapes and ways to write a number do not
 * count. Whole numbers count to the last digit, as far as Typesense keeps them (64 bits); others, as there, as
 * double.
 */
export function documentProof(document: unknown): string {
  if (typeof document === 'string') return JSON.stringify(document);
  if (typeof document !== 'object' || document === null) return String(document);
  let text = '';
  if (Array.isArray(document)) {
    for (const element of document) text += `${documentProof(element)},`;
    return `[${text}]`;
  }
  const entries = document as Readonly<Record<string, unknown>>;
  for (const key of Object.keys(entries).sort())
    text += `${JSON.stringify(key)}:${documentProof(entries[key])},`;
  return `{${text}}`;
}

/** As `JSON.parse`, with large whole numbers kept apart from each other. Throws SyntaxError for what is no JSON. */
export function parseDocument(line: string): unknown {
  return JSON.parse(manyDigits.test(line) ? line.replaceAll(tokens, keepDigits) : line) as unknown;
}

function keepDigits(token: string): string {
  if (!/^-?\d{16,}$/.test(token) || Number.isSafeInteger(Number(token))) return token;
  const value = BigInt(token);
  return value < wholeMin || value > wholeMax ? token : JSON.stringify(`${wholeNumber}${value}`);
}
