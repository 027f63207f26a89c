import { parseEnv } from 'node:util';
import { configVariable, isOwnName, meantName } from './own-names.ts';

/** A `.env` as every careful reader reads it. */
export interface EnvFile {
  readonly values: Readonly<Record<string, string>>;
  /** The line (from 1) on which a name is set. */
  readonly lines: ReadonlyMap<string, number>;
  /** What could be read in two ways: the line, and a sentence without its full stop that never holds the value. */
  readonly faults: readonly { readonly line: number; readonly fault: string }[];
}

const assignment = /^\s*(?:export\s+)?([^=\s'"#]+)[^\S\n]*=(.*)$/s;
/** Characters that cannot be seen, or that end a line for some readers. */
const unseen = /[\p{C}\p{Zl}\p{Zp}\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\ufffd]/u;
const quoteMarks = /["'`\u2018-\u201f]/u;
const quoted = 'put the whole value between single quotes';

/**
 * Reads the text of a `.env`: `NAME=value` a line, comments behind `#`, values plain or between quotes. Node's parser
 * reads nearly everything and cuts, joins or passes over what it does not understand, so each line is looked at again:
 * what one could read in another way is a fault (docs/configuration.md lists what is taken). Never throws.
 */
export function readEnvLines(text: string): EnvFile {
  const faults: { line: number; fault: string }[] = [];
  const lines = new Map<string, number>();
  const read = new Map<string, string>();
  const raw = text.replace(/^\ufeff/, '').split(/\r?\n/);
  for (let index = 0; index < raw.length; index += 1) {
    const line = index + 1;
    const content = raw[index] ?? '';
    const add = (fault: string): void => {
      faults.push({ line, fault });
    };
    if (content.includes('\r'))
      add('holds a carriage return, at which other readers begin a new line; end lines with a line feed');
    if (/^[ \t]*(?:#|$)/.test(content)) continue;
    const [, name, rest] = assignment.exec(content) ?? [];
    if (name === undefined || rest === undefined) {
      add(
        content.includes('=')
          ? 'is not NAME=value: the name holds a space or a quote'
          : 'is not NAME=value: a line without "=" says nothing',
      );
      continue;
    }
    if (!/^[A-Za-z_][\w.-]*$/.test(name)) {
      add('does not start with the name of a variable (letters, digits and _)');
      continue;
    }
    const ours = isOwnName(name);
    const before = lines.get(name);
    if (before !== undefined && ours) add(`${name} is already set in line ${before}; remove one of the two`);
    lines.set(name, line);
    if (name === configVariable) add(`${name} is read only from the process; it has no effect in a .env`);
    const value = valueOf(rest, raw, index);
    index = value.last;
    const fault = value.fault ?? (ours ? ownFault(value) : null);
    if (fault !== null && (ours || value.swallows)) add(`${name} ${fault}`);
    const second = value.mark === null ? secondIn(value.text) : null;
    if (second !== null) add(`${name} has ${second}= behind its value; set one variable a line`);
    read.set(name, value.text);
  }
  reportSlips(lines, faults);
  const values = Object.fromEntries(
    Object.entries(parseEnv(raw.join('\n'))).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    ),
  );
  for (const [name, line] of lines) {
    if (!isOwnName(name) || faults.some((known) => known.line === line)) continue;
    if (values[name] !== read.get(name))
      faults.push({ line, fault: `${name} can be read in two ways; ${quoted}` });
  }
  return { values, lines, faults: faults.toSorted((left, right) => left.line - right.line) };
}

interface Value {
  readonly text: string;
  readonly mark: string | null;
  /** The index of the line the value ends on. */
  readonly last: number;
  readonly fault: string | null;
  /** Its quote runs over a line that sets another variable. */
  readonly swallows: boolean;
}

function valueOf(rest: string, raw: readonly string[], index: number): Value {
  const start = rest.trimStart();
  const mark = /^["'`]/.exec(start)?.[0] ?? null;
  const plain = { mark, last: index, swallows: false };
  if (mark === null) {
    const comment = /(?:^|[ \t])#.*$/.exec(start);
    const text = (comment === null ? start : start.slice(0, comment.index)).trimEnd();
    if (text === '' && comment !== null)
      return { ...plain, text, fault: `has nothing before its "#": remove the line, or ${quoted}` };
    if (text.includes('#'))
      return {
        ...plain,
        text,
        fault: `holds a "#", which starts a comment: ${quoted} (in an address write %23)`,
      };
    if (quoteMarks.test(text)) return { ...plain, text, fault: `holds a quotation mark: ${quoted}` };
    return { ...plain, text, fault: null };
  }
  const head = start.slice(1);
  const more = raw.slice(index + 1);
  const here = head.indexOf(mark);
  if (here >= 0) {
    const behind = head.slice(here + 1);
    const text = head.slice(0, here);
    const fault = /^[ \t]*(?:[ \t]#.*)?$/.test(behind) ? null : `goes on behind its closing quote: ${quoted}`;
    return { ...plain, text, fault };
  }
  const end = more.findIndex((line) => line.includes(mark));
  const inner = end < 0 ? more : more.slice(0, end + 1);
  const swallows = end < 0 || inner.some((line) => /^\s*(?:export\s+)?[A-Z][A-Z0-9_]*\s*=/.test(line));
  return {
    ...plain,
    last: end < 0 ? index : index + inner.length,
    text: [head, ...inner].join('\n'),
    fault:
      end < 0
        ? 'has a quote that is never closed'
        : 'runs over several lines: close its quote on its own line',
    swallows,
  };
}

/** A variable of ours that a shell would set by the same line: `A=1 API_KEY=…`, `A=1; export API_KEY=…`. */
function secondIn(text: string): string | null {
  const names = [...text.matchAll(/[\s;&]([A-Za-z_][\w.-]*)=/g)].map(([, name = '']) => name);
  return names.find((name) => isOwnName(name)) ?? null;
}

/** What is wrong with a value of ours that was read whole. */
function ownFault({ text, mark }: Value): string | null {
  if (text === '') return 'is empty: remove the line, or give it a value';
  if (unseen.test(text))
    return 'holds a character that cannot be seen (a control character or a special space)';
  if (text !== text.trim()) return 'begins or ends with a space between its quotes';
  if (mark === '"' && text.includes('\\')) return `holds a backslash between double quotes: ${quoted}`;
  if (mark === null && text.endsWith('\\')) return 'ends with a backslash: a value is one line';
  if (mark !== "'" && /\$[{(]/.test(text))
    return (
      'refers to another variable with "$", which is not replaced here: write the value itself, between ' +
      'single quotes'
    );
  return null;
}

/** A name that is nearly one of ours, where that one is not set: its value would be passed over without a word. */
function reportSlips(lines: ReadonlyMap<string, number>, faults: { line: number; fault: string }[]): void {
  for (const [name, line] of lines) {
    const meant = meantName(name, 'file');
    if (meant !== null && (!lines.has(meant) || name.toUpperCase() === meant))
      faults.push({ line, fault: `${name} is no setting; did you mean ${meant}` });
  }
}
