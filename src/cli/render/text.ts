/** Text for terminals: width, cutting, colour, tables. Names come from databases, so control codes are taken out. */

export type Colour = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

const colourCodes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const satisfies Record<
  Colour,
  number
>;

export type Paint = (colour: Colour, text: string) => string;

export function painter(colour: boolean): Paint {
  return (name, text) => (colour ? `\u001B[${colourCodes[name]}m${text}\u001B[0m` : text);
}

/** A name that could move the cursor, or turn the line around, is shown with � in those places. */
export function safe(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\uFFFD');
}

/**
 * A value as one line of JSON. What JSON leaves raw and a terminal might obey (C1 controls, directions) is escaped too.
 */
export function jsonLine(value: object): string {
  const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(value).replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    [...Array(character.length).keys()].map((at) => escaped(character.charAt(at))).join(''),
  );
}

/** Columns a terminal gives to a text. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

const wide =
  /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]|\p{Emoji_Presentation}/u;
const none = /[\p{Mn}\p{Me}]/u;

function characterWidth(character: string): number {
  if (none.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}

/** Cuts to `columns` with … at the end, or pads to them; never longer. */
export function fit(text: string, columns: number, side: 'left' | 'right' = 'left'): string {
  const width = widthOf(text);
  if (width <= columns) {
    const padding = ' '.repeat(columns - width);
    return side === 'left' ? text + padding : padding + text;
  }
  let kept = '';
  let used = 0;
  for (const character of text) {
    const next = characterWidth(character);
    if (used + next > columns - 1) break;
    kept += character;
    used += next;
  }
  return columns === 0 ? '' : `${kept}…${' '.repeat(columns - used - 1)}`;
}

export interface Column {
  readonly title: string;
  readonly side?: 'left' | 'right';
}

/** A table with a head line; the columns are as wide as what is in them. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  paint: Paint,
): readonly string[] {
  const cells = rows.map((row) => row.map(safe));
  const widths = columns.map(({ title }, index) =>
    cells.reduce((width, row) => Math.max(width, widthOf(row[index] ?? '')), widthOf(title)),
  );
  const line = (row: readonly string[]): string =>
    columns
      .map(({ side }, index) => fit(row[index] ?? '', widths[index] ?? 0, side))
      .join('  ')
      .trimEnd();
  return [paint('dim', line(columns.map(({ title }) => title))), ...cells.map(line)];
}
