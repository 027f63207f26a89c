import { byte, isDigit, isLetter, isNewline, isSpace, isWordPart } from './bytes.ts';

/**
 * `word`: a bare identifier or keyword. `quoted`: `"…"`, `U&"…"`. `string`: every kind of literal, dollar quotes too.
 */
export type TokenKind = 'word' | 'quoted' | 'string' | 'number' | 'symbol' | 'comment' | 'backslash';

export interface TokenSink {
  /**
   * A token at `[start, end)` of the input. `text` is the lower-case text of a word (its first 64 bytes), the character
   * of a symbol, else empty. Returning true pauses the scan behind the token.
   */
  token(kind: TokenKind, start: number, end: number, text: string): boolean;
}

type State =
  | 'default'
  | 'word'
  | 'unicode-prefix'
  | 'number'
  | 'dash'
  | 'slash'
  | 'line-comment'
  | 'block-comment'
  | 'string'
  | 'string-escape'
  | 'string-quote'
  | 'string-gap'
  | 'gap-dash'
  | 'gap-comment'
  | 'quoted'
  | 'quoted-quote'
  | 'dollar'
  | 'dollar-body';

/** How the inside of a quoted literal is read: `''` only; backslashes too; neither (`B''`, `X''`). */
type StringMode = 'standard' | 'escape' | 'bits';

const symbols: readonly string[] = Array.from({ length: 256 }, (_, code) => String.fromCodePoint(code));
const wordBytesKept = 64;
const nothing: Buffer = Buffer.alloc(0);

/** The states in which no statement can end, in words. */
const openThings: Readonly<Partial<Record<State, string>>> = {
  string: 'a string',
  'string-escape': 'a string',
  'dollar-body': 'a dollar-quoted string',
  quoted: 'a quoted name',
  'block-comment': 'a comment',
};

/**
 * PostgreSQL's lexical rules as a state machine over bytes: any cut into chunks gives the same tokens. Any encoding
 * is fine in which no byte of a multi-byte character is ASCII (all that a server may have; not SJIS, BIG5, GBK, UHC,
 * GB18030). Rules: PostgreSQL manual, "Lexical Structure", and what psql's own splitter does. Holds no input but the
 * word or the dollar tag it is in.
 */
export class SqlLexer {
  /** `standard_conforming_strings`: false makes a backslash in `'…'` an escape. */
  standardStrings = true;
  #state: State = 'default';
  #start = 0;
  #word = '';
  #mode: StringMode = 'standard';
  #stringEnd = 0;
  #gapHasNewline = false;
  #gapDash = 0;
  #numberHasDot = false;
  #numberIsWord = false;
  #commentDepth = 0;
  #commentPrevious = 0;
  #dollarTag = '';
  #delimiter: Buffer = nothing;
  #delimiterCarry: Buffer = nothing;
  #chunk: Buffer = nothing;
  #base = 0;
  #sink: TokenSink = { token: () => false };
  #paused = false;

  /** Offset of the token the input so far ends in; null between tokens. */
  get openSince(): number | null {
    return this.#state === 'default' ? null : this.#start;
  }

  /** What the input so far ends in, for a message; null where a statement could end. */
  get openThing(): string | null {
    return openThings[this.#state] ?? null;
  }

  get inComment(): boolean {
    return this.#state === 'line-comment' || this.#state === 'block-comment';
  }

  /**
   * Scans `chunk` from `from`; `base` is the offset of the chunk's first byte in the input. Returns where it stopped.
   */
  scan(chunk: Buffer, from: number, base: number, sink: TokenSink): number {
    this.#chunk = chunk;
    this.#base = base;
    this.#sink = sink;
    this.#paused = false;
    let at = from;
    while (at < chunk.length && !this.#paused) at = this.#step(at);
    return at;
  }

  /** The input ended: a line comment without line end is a token too. */
  end(offset: number, sink: TokenSink): void {
    if (this.#state !== 'line-comment') return;
    this.#state = 'default';
    sink.token('comment', this.#start, offset, '');
  }

  #step(at: number): number {
    const code = this.#chunk[at] ?? 0;
    switch (this.#state) {
      case 'default':
        return this.#default(at, code);
      case 'word':
        return this.#inWord(at);
      case 'unicode-prefix':
        return this.#afterUnicodePrefix(at, code);
      case 'number':
        return this.#inNumber(at);
      case 'dash':
        if (code === byte.dash) return this.#enter('line-comment', at + 1);
        return this.#symbolThen(at, '-');
      case 'slash':
        if (code !== byte.asterisk) return this.#symbolThen(at, '/');
        this.#commentDepth = 1;
        this.#commentPrevious = 0;
        return this.#enter('block-comment', at + 1);
      case 'line-comment':
        return this.#inLineComment(at);
      case 'block-comment':
        return this.#inBlockComment(at);
      case 'string':
        return this.#inString(at);
      case 'string-escape':
        return this.#enter('string', at + 1);
      case 'string-quote':
        if (code === byte.quote && this.#mode !== 'bits') return this.#enter('string', at + 1);
        this.#gapHasNewline = false;
        return this.#enter('string-gap', at);
      case 'string-gap':
        return this.#inStringGap(at);
      case 'gap-dash':
        return this.#afterGapDash(at, code);
      case 'gap-comment':
        return this.#inGapComment(at);
      case 'quoted':
        return this.#inQuoted(at);
      case 'quoted-quote':
        if (code === byte.doubleQuote) return this.#enter('quoted', at + 1);
        return this.#emitThen('default', at, 'quoted', this.#start, this.#base + at);
      case 'dollar':
        return this.#afterDollar(at, code);
      case 'dollar-body':
        return this.#inDollarBody(at);
      default:
        return this.#state satisfies never;
    }
  }

  #enter(state: State, at: number): number {
    this.#state = state;
    return at;
  }

  #emit(kind: TokenKind, start: number, end: number, text = ''): void {
    if (this.#sink.token(kind, start, end, text)) this.#paused = true;
  }

  #emitThen(state: State, at: number, kind: TokenKind, start: number, end: number, text = ''): number {
    this.#state = state;
    this.#emit(kind, start, end, text);
    return at;
  }

  #symbolThen(at: number, text: string): number {
    return this.#emitThen('default', at, 'symbol', this.#start, this.#start + 1, text);
  }

  #default(from: number, first: number): number {
    let at = from;
    let code = first;
    while (isSpace(code)) {
      at += 1;
      if (at === this.#chunk.length) return at;
      code = this.#chunk[at] ?? 0;
    }
    this.#start = this.#base + at;
    if (isLetter(code)) {
      this.#word = '';
      return this.#enter('word', at);
    }
    if (isDigit(code)) return this.#enterNumber(at);
    switch (code) {
      case byte.quote:
        return this.#enterString(at + 1, this.standardStrings ? 'standard' : 'escape');
      case byte.doubleQuote:
        return this.#enter('quoted', at + 1);
      case byte.dollar:
        this.#dollarTag = '';
        return this.#enter('dollar', at + 1);
      case byte.dash:
        return this.#enter('dash', at + 1);
      case byte.slash:
        return this.#enter('slash', at + 1);
      case byte.backslash:
        this.#emit('backslash', this.#start, this.#start + 1);
        return at + 1;
      default:
        this.#emit('symbol', this.#start, this.#start + 1, symbols[code]);
        return at + 1;
    }
  }

  #inWord(from: number): number {
    const chunk = this.#chunk;
    let at = from;
    while (at < chunk.length && isWordPart(chunk[at] ?? 0)) at += 1;
    if (this.#word.length < wordBytesKept) this.#word += chunk.toString('latin1', from, at).toLowerCase();
    if (at === chunk.length) return at;
    if (this.#word.length === 1) {
      const code = chunk[at];
      if (code === byte.quote) {
        if (this.#word === 'e') return this.#enterString(at + 1, 'escape');
        if (this.#word === 'b' || this.#word === 'x') return this.#enterString(at + 1, 'bits');
        if (this.#word === 'n')
          return this.#enterString(at + 1, this.standardStrings ? 'standard' : 'escape');
      }
      if (code === byte.ampersand && this.#word === 'u') return this.#enter('unicode-prefix', at + 1);
    }
    return this.#emitThen('default', at, 'word', this.#start, this.#base + at, this.#word);
  }

  #afterUnicodePrefix(at: number, code: number): number {
    if (code === byte.quote) return this.#enterString(at + 1, 'standard');
    if (code === byte.doubleQuote) return this.#enter('quoted', at + 1);
    this.#emit('word', this.#start, this.#start + 1, 'u');
    return this.#emitThen('default', at, 'symbol', this.#start + 1, this.#start + 2, '&');
  }

  #enterNumber(at: number): number {
    this.#numberHasDot = false;
    this.#numberIsWord = false;
    return this.#enter('number', at);
  }

  /** Digits, one dot, and whatever identifier follows at once (`1e5`, `0x1F`, `1_000`, and the junk servers reject). */
  #inNumber(from: number): number {
    const chunk = this.#chunk;
    let at = from;
    for (; at < chunk.length; at += 1) {
      const code = chunk[at] ?? 0;
      if (isLetter(code)) this.#numberIsWord = true;
      else if (code === byte.dollar) {
        if (!this.#numberIsWord) break;
      } else if (code === byte.dot) {
        if (this.#numberHasDot || this.#numberIsWord) break;
        this.#numberHasDot = true;
      } else if (!isDigit(code)) break;
    }
    if (at === chunk.length) return at;
    return this.#emitThen('default', at, 'number', this.#start, this.#base + at);
  }

  #inLineComment(from: number): number {
    const chunk = this.#chunk;
    let at = from;
    while (at < chunk.length && !isNewline(chunk[at] ?? 0)) at += 1;
    if (at === chunk.length) return at;
    return this.#emitThen('default', at, 'comment', this.#start, this.#base + at);
  }

  #inBlockComment(from: number): number {
    const chunk = this.#chunk;
    for (let at = from; at < chunk.length; at += 1) {
      const code = chunk[at] ?? 0;
      const previous = this.#commentPrevious;
      this.#commentPrevious = code;
      if (previous === byte.slash && code === byte.asterisk) {
        this.#commentDepth += 1;
        this.#commentPrevious = 0;
      } else if (previous === byte.asterisk && code === byte.slash) {
        this.#commentDepth -= 1;
        this.#commentPrevious = 0;
        if (this.#commentDepth === 0) {
          return this.#emitThen('default', at + 1, 'comment', this.#start, this.#base + at + 1);
        }
      }
    }
    return chunk.length;
  }

  #enterString(at: number, mode: StringMode): number {
    this.#mode = mode;
    return this.#enter('string', at);
  }

  #inString(from: number): number {
    const chunk = this.#chunk;
    let at = from;
    if (this.#mode === 'escape') {
      while (at < chunk.length && chunk[at] !== byte.quote && chunk[at] !== byte.backslash) at += 1;
      if (at === chunk.length) return at;
      if (chunk[at] === byte.backslash) return this.#enter('string-escape', at + 1);
    } else {
      at = chunk.indexOf(byte.quote, from);
      if (at === -1) return chunk.length;
    }
    this.#stringEnd = this.#base + at + 1;
    return this.#enter('string-quote', at + 1);
  }

  /** After the closing quote: white space with a line end in it, then a quote, continues the same literal. */
  #inStringGap(from: number): number {
    const chunk = this.#chunk;
    for (let at = from; at < chunk.length; at += 1) {
      const code = chunk[at] ?? 0;
      if (isNewline(code)) this.#gapHasNewline = true;
      else if (!isSpace(code)) {
        if (code === byte.quote && this.#gapHasNewline) return this.#enter('string', at + 1);
        if (code === byte.dash) {
          this.#gapDash = this.#base + at;
          return this.#enter('gap-dash', at + 1);
        }
        return this.#emitThen('default', at, 'string', this.#start, this.#stringEnd);
      }
    }
    return chunk.length;
  }

  #afterGapDash(at: number, code: number): number {
    if (code === byte.dash) return this.#enter('gap-comment', at + 1);
    this.#emit('string', this.#start, this.#stringEnd);
    return this.#emitThen('default', at, 'symbol', this.#gapDash, this.#gapDash + 1, '-');
  }

  #inGapComment(from: number): number {
    const chunk = this.#chunk;
    let at = from;
    while (at < chunk.length && !isNewline(chunk[at] ?? 0)) at += 1;
    return at === chunk.length ? at : this.#enter('string-gap', at);
  }

  #inQuoted(from: number): number {
    const quote = this.#chunk.indexOf(byte.doubleQuote, from);
    return quote === -1 ? this.#chunk.length : this.#enter('quoted-quote', quote + 1);
  }

  #afterDollar(at: number, code: number): number {
    if (code === byte.dollar) {
      this.#delimiter = Buffer.from(`$${this.#dollarTag}$`, 'latin1');
      this.#delimiterCarry = nothing;
      return this.#enter('dollar-body', at + 1);
    }
    if (isLetter(code) || (isDigit(code) && this.#dollarTag !== '')) {
      this.#dollarTag += symbols[code];
      return at + 1;
    }
    if (isDigit(code)) return this.#enterNumber(at); // a parameter: $1
    // No quote after all: a lone `$`, and a word of its own where letters followed it.
    this.#emit('symbol', this.#start, this.#start + 1, '$');
    if (this.#dollarTag === '') return this.#enter('default', at);
    // The tag's bytes may lie in an earlier chunk; the word state takes over with their text.
    this.#start += 1;
    this.#word = this.#dollarTag.slice(0, wordBytesKept).toLowerCase();
    return this.#enter('word', at);
  }

  #inDollarBody(from: number): number {
    const chunk = this.#chunk;
    const { length } = this.#delimiter;
    const carry = this.#delimiterCarry;
    const head = Buffer.concat([carry, chunk.subarray(from, from + length - 1)]);
    const inHead = head.indexOf(this.#delimiter);
    const inChunk = inHead === -1 ? chunk.indexOf(this.#delimiter, from) : from + inHead - carry.length;
    if (inChunk === -1 && inHead === -1) {
      const rest = Buffer.concat([carry, chunk.subarray(Math.max(from, chunk.length - length + 1))]);
      this.#delimiterCarry = rest.subarray(Math.max(0, rest.length - length + 1));
      return chunk.length;
    }
    const end = inChunk + length;
    return this.#emitThen('default', end, 'string', this.#start, this.#base + end);
  }
}
