import type { ServerFacts } from '../../../catalog/model.ts';

export type EncodingFacts = Pick<
  ServerFacts,
  'encoding' | 'collation' | 'characterType' | 'localeProvider' | 'locale'
>;

/**
 * Multibyte encodings in which the UTF-8 bytes of a digest are no valid text (digest.ts): the server refuses rows
 * with characters outside ASCII.
 */
const withoutDigest = new Set(['EUC_CN', 'EUC_JIS_2004', 'EUC_JP', 'EUC_KR', 'EUC_TW', 'MULE_INTERNAL']);

/** Bytes of any kind, which the server calls text. */
export const anyBytes = 'SQL_ASCII';

/** Between the two ends all rows are UTF-8: what source and target make of that. Pure. */
export interface EncodingsJudged {
  /** The encoding that every text of the source has to have a place in; null where it surely has. */
  readonly mustFit: string | null;
  readonly warnings: readonly string[];
}

export function judgeEncodings(
  source: EncodingFacts,
  target: EncodingFacts,
  names: { readonly source: string; readonly target: string },
): EncodingsJudged {
  const [from, to] = [source.encoding, target.encoding];
  const ends = [
    [names.source, from],
    [names.target, to],
  ] as const;
  return {
    mustFit: mustFit(from, to),
    warnings: [
      ...(to === anyBytes && from !== anyBytes
        ? [
            `"${names.target}" is SQL_ASCII: texts of "${names.source}" (${from}) are stored there as UTF-8 ` +
              'bytes, so length, upper and lower case, and order are those of bytes.',
          ]
        : []),
      ...ends.flatMap(([name, encoding]) =>
        withoutDigest.has(encoding)
          ? [
              `"${name}" is ${encoding}, in which rows with characters outside ASCII cannot be compared by digest: ` +
                'a run that meets one ends before anything is changed.',
            ]
          : [],
      ),
      ...localeWarning(source, target, names),
    ],
  };
}

function mustFit(from: string, to: string): string | null {
  // Its bytes may not be valid UTF-8, as which rows are sent even to a database of the same encoding.
  if (from === anyBytes) return to === anyBytes ? 'UTF8' : to;
  // Every character of every encoding has a place in UTF-8.
  return from === to || to === 'UTF8' || to === anyBytes ? null : to;
}

function localeWarning(
  source: EncodingFacts,
  target: EncodingFacts,
  names: { readonly source: string; readonly target: string },
): readonly string[] {
  const [here, there] = [localeOf(source), localeOf(target)];
  if (plain(here) === plain(there)) return [];
  return [
    `Texts sort and compare by ${here} in "${names.source}", by ${there} in "${names.target}", which ` +
      'keeps its own collation: order, partition ranges, checks and expressions over texts may differ.',
  ];
}

function localeOf({ localeProvider, locale, collation, characterType }: EncodingFacts): string {
  if (localeProvider !== 'libc') return `${localeProvider} "${locale ?? ''}"`;
  return collation === characterType ? `libc "${collation}"` : `libc "${collation}" and "${characterType}"`;
}

/** Systems spell one locale in several ways: en_US.UTF-8, en_US.utf8; C and POSIX are one. */
function plain(locale: string): string {
  return locale.toLowerCase().replaceAll('utf-8', 'utf8').replaceAll('"posix"', '"c"');
}
