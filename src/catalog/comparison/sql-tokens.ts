/**
 * The words of a statement: names, quoted names, string constants (E'', dollar-quoted ones), numbers and signs;
 * comments and white space left out. Made for text that the server or this project wrote, to compare it, not to run
 * it.
 */
export function sqlTokens(sql: string): string[] {
  return [...sql.matchAll(token)].flatMap(([text, dollarTag]) => {
    if (dollarTag !== undefined) return [text];
    return /^\s|^--|^\/\*/.test(text) ? [] : [text];
  });
}

const token = new RegExp(
  [
    String.raw`\s+`,
    String.raw`--[^\n\r]*`,
    String.raw`\/\*[\s\S]*?\*\/`,
    String.raw`[eE]'(?:[^'\\]|\\[\s\S]|'')*'`,
    `(?:[uU]&)?'(?:[^']|'')*'`,
    `(?:[uU]&)?"(?:[^"]|"")*"`,
    String.raw`(\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$)[\s\S]*?\1`,
    String.raw`[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*`,
    String.raw`[0-9.]*[0-9][0-9.]*(?:[eE][+-]?[0-9]+)?`,
    '::',
    String.raw`[\s\S]`,
  ].join('|'),
  'g',
);
