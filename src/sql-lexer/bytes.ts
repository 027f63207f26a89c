/** Byte values the lexer compares with. */
export const byte = {
  tab: 0x09,
  lineFeed: 0x0a,
  verticalTab: 0x0b,
  formFeed: 0x0c,
  carriageReturn: 0x0d,
  space: 0x20,
  doubleQuote: 0x22,
  dollar: 0x24,
  ampersand: 0x26,
  quote: 0x27,
  asterisk: 0x2a,
  dash: 0x2d,
  dot: 0x2e,
  slash: 0x2f,
  backslash: 0x5c,
} as const;

/** What a byte is to SQL when it stands alone. Every byte above 127 is a letter (PostgreSQL's rule for identifiers). */
const space = 1;
const letter = 2;
const digit = 4;
const dollar = 8;

const classes = new Uint8Array(256);
for (const code of [
  byte.tab,
  byte.lineFeed,
  byte.verticalTab,
  byte.formFeed,
  byte.carriageReturn,
  byte.space,
]) {
  classes[code] = space;
}
for (let code = 0; code < 256; code += 1) {
  if (code >= 0x80 || /[A-Za-z_]/.test(String.fromCodePoint(code))) classes[code] = letter;
  if (code >= 0x30 && code <= 0x39) classes[code] = digit;
}
classes[byte.dollar] = dollar;

const has = (code: number, wanted: number): boolean => ((classes[code] ?? 0) & wanted) !== 0;

export const isSpace = (code: number): boolean => has(code, space);
export const isLetter = (code: number): boolean => has(code, letter);
export const isDigit = (code: number): boolean => has(code, digit);
/** May stand inside a bare identifier, after its first byte. */
export const isWordPart = (code: number): boolean => has(code, letter | digit | dollar);

export function isNewline(code: number): boolean {
  return code === byte.lineFeed || code === byte.carriageReturn;
}

/** Line feeds in `bytes[from, to)`. */
export function countLineFeeds(bytes: Buffer, from = 0, to: number = bytes.length): number {
  let count = 0;
  for (let at = from; at < to; at += 1) if (bytes[at] === byte.lineFeed) count += 1;
  return count;
}
