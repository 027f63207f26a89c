/** A document that the server did not take. */
export interface RejectedLine {
  /** Position in the body, from 0. */
  readonly line: number;
  readonly code: number;
  /** The server's text: it may quote values, so it is only ever read by `rejectionReason`. */
  readonly error: string;
}

export type ImportAnswer =
  | {
      readonly kind: 'answered';
      readonly accepted: number;
      /** The first of those that it refused. */
      readonly rejected: readonly RejectedLine[];
    }
  /** The server stopped in the middle (docs/facts/typesense.md#imports): what of the body was taken is not known. */
  | { readonly kind: 'stopped'; readonly message: string }
  /** The answer does not fit the body that was sent. */
  | { readonly kind: 'unreadable'; readonly fact: string };

/** Rejections kept of one answer: enough to explain, whatever a body of 5,000 bad documents says. */
const rejectedMax = 100;

/**
 * Reads the answer to an import (docs/facts/typesense.md#imports). Status 200 says nothing: an import succeeded only
 * when there is one result line for each document sent and every one says `success: true`. Blank lines carry no
 * meaning. `resent`: the body went out before and its answer was lost, so a 409 means that the document is in
 * already.
 */
export function readImportAnswer(text: string, documentsSent: number, resent: boolean): ImportAnswer {
  const rejected: RejectedLine[] = [];
  let results = 0;
  let refused = 0;
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const result = readLine(line);
    if (result === null) return { kind: 'unreadable', fact: `result ${results + 1} is not JSON` };
    if (result.success === true || (resent && result.success === false && result.code === 409)) {
      results += 1;
      continue;
    }
    if (result.success !== false) {
      const message = typeof result.message === 'string' ? result.message : '';
      return message === ''
        ? { kind: 'unreadable', fact: `result ${results + 1} says neither success nor failure` }
        : { kind: 'stopped', message };
    }
    if (rejected.length < rejectedMax) {
      rejected.push({
        line: results,
        code: typeof result.code === 'number' ? result.code : 0,
        error: typeof result.error === 'string' ? result.error : '',
      });
    }
    refused += 1;
    results += 1;
  }
  if (results !== documentsSent) {
    return { kind: 'unreadable', fact: `${results} results for ${documentsSent} documents` };
  }
  return { kind: 'answered', accepted: results - refused, rejected };
}

function readLine(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** What the server is known to say, and what we say instead: never more than the name of a type. */
const knownReasons: readonly (readonly [RegExp, (match: RegExpExecArray) => string])[] = [
  [/not found in the document/i, () => 'is required and missing'],
  [/2 element array/i, () => 'must be a pair [latitude, longitude]'],
  [
    /must be an? (array of (?:string|int32|int64|float|bool|object)|array|string|int32|int64|float|bool|object)\b/i,
    (match) => `must be of type ${match[1] ?? ''}`,
  ],
  [/should be a string/i, () => 'must be of type string'],
  [/should not be empty/i, () => 'must not be empty'],
  [/incorrect type/i, () => 'has the wrong type'],
];

/**
 * Why a document was rejected, without any value of it: the server's text is matched against what it is known to say,
 * and only names of configured fields are repeated.
 */
export function rejectionReason(rejected: RejectedLine, fieldNames: readonly string[]): string {
  const { code, error } = rejected;
  if (code === 409) return 'its id appears more than once';
  if (/^bad json/i.test(error)) return 'it is not valid JSON';
  const field = rejectedField(rejected, fieldNames);
  for (const [pattern, words] of knownReasons) {
    const match = pattern.exec(error);
    if (match !== null && field !== null) return `field "${field}" ${words(match)}`;
  }
  return field === null
    ? `a value could not be indexed (status ${code})`
    : `field "${field}" (status ${code})`;
}

/** The configured field that the server's text names; null where it names none. */
export function rejectedField({ error }: RejectedLine, fieldNames: readonly string[]): string | null {
  const named = [...error.matchAll(/`([^`]*)`/g)].map((match) => match[1]);
  return ['id', ...fieldNames].find((name) => named.includes(name)) ?? null;
}
