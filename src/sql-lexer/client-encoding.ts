/** How the bytes of a file are to be read: what `client_encoding` is. */
export interface ClientEncoding {
  readonly isUtf8: boolean;
  /** Bytes of the character that begins with `lead`, the high bit set; null where no byte behind it is ever ASCII. */
  readonly length: ((lead: number) => number) | null;
  /** For people, and to compare names with each other. */
  readonly decode: (bytes: Buffer) => string;
}

export const utf8: ClientEncoding = {
  isUtf8: true,
  length: null,
  decode: (bytes) => bytes.toString('utf8'),
};

const two = (): number => 2;

/**
 * Encodings that exist for clients only: the second byte of a character may be ASCII, a backslash or a semicolon too.
 */
const clientOnly: Readonly<Record<string, readonly [ClientEncoding['length'], string | null]>> = {
  big5: [two, 'big5'],
  // One of four bytes reads like two of two.
  gb18030: [two, 'gb18030'],
  gbk: [two, 'gbk'],
  johab: [(lead) => (lead === 0x8f ? 3 : 2), null],
  sjis: [(lead) => (lead >= 0xa1 && lead <= 0xdf ? 1 : 2), 'shift_jis'],
  uhc: [two, 'euc-kr'],
};

/** PostgreSQL's other names for these (manual, "Supported Character Sets"). */
const aliases: Readonly<Record<string, string>> = {
  mskanji: 'sjis',
  shiftjis: 'sjis',
  shiftjis2004: 'sjis',
  win932: 'sjis',
  windows932: 'sjis',
  win936: 'gbk',
  windows936: 'gbk',
  win949: 'uhc',
  windows949: 'uhc',
  win950: 'big5',
  windows950: 'big5',
};

/** Those a server may have: every byte of a character of more than one byte has its high bit set. */
const serverSide =
  /^(?:sqlascii|latin(?:[1-9]|10)|iso8859(?:[1-9]|1[0-6])|win(?:dows)?(?:866|874|125[0-8])|abc|tcvn\w*|vscii|alt|koi8[ru]?|euc(?:jp|jis2004|cn|kr|tw)|muleinternal)$/;

/** The encoding of a name as PostgreSQL compares names: letters and digits only. Null where it is not known. */
export function clientEncoding(name: string): ClientEncoding | null {
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  if (plain === 'utf8' || plain === 'unicode') return utf8;
  const known = aliases[plain] ?? plain;
  const special = Object.hasOwn(clientOnly, known) ? clientOnly[known] : undefined;
  if (special !== undefined) return { isUtf8: false, length: special[0], decode: decoder(special[1]) };
  return serverSide.test(plain) ? { isUtf8: false, length: null, decode: decoder(whatwgName(plain)) } : null;
}

/**
 * `bytes` with every ASCII byte that belongs to a longer character made a letter, so that nothing in it ends a string
 * or a name. Bytes that no such character can have (quotes, white space, `$`) stay. `skip` is how many bytes at the
 * beginning belong to a character begun before; returned with how many behind the end belong to the last one.
 */
export function maskCharacters(
  bytes: Buffer,
  { length }: ClientEncoding,
  skip = 0,
): { readonly masked: Buffer; readonly open: number } {
  if (length === null) return { masked: bytes, open: 0 };
  const masked = Buffer.from(bytes);
  let rest = skip;
  for (let at = 0; at < masked.length; at += 1) {
    const code = masked[at] ?? 0;
    if (rest > 0) {
      rest -= 1;
      if (code >= 0x30 && code < 0x80) masked[at] = 0xff;
    } else if (code >= 0x80) rest = length(code) - 1;
  }
  return { masked, open: rest };
}

/** The decoder of a name of the WHATWG's; where there is none, or it is null, each byte is a character. */
function decoder(name: string | null): (bytes: Buffer) => string {
  if (name === null) return (bytes) => bytes.toString('latin1');
  const known = new TextDecoder(name);
  return (bytes) => known.decode(bytes);
}

function whatwgName(plain: string): string | null {
  const names: Readonly<Record<string, string>> = {
    eucjp: 'euc-jp',
    euckr: 'euc-kr',
    euccn: 'gbk',
    koi8r: 'koi8-r',
    koi8u: 'koi8-u',
  };
  if (Object.hasOwn(names, plain)) return names[plain] ?? null;
  const windows = /^win(?:dows)?(125[0-8]|874)$/.exec(plain)?.[1];
  if (windows !== undefined) return `windows-${windows}`;
  // LATIN1 to 4, 5 (Turkish), 6 (Nordic), 7 (Baltic), 8 (Celtic), 9, 10 are parts 1 to 4, 9, 10, 13, 14, 15, 16.
  const latin = /^latin(\d+)$/.exec(plain)?.[1];
  const part =
    latin === undefined
      ? /^iso8859(\d+)$/.exec(plain)?.[1]
      : String([0, 1, 2, 3, 4, 9, 10, 13, 14, 15, 16][Number(latin)]);
  return part === undefined || ['1', '9', '12', '16'].includes(part) ? null : `iso-8859-${part}`;
}
