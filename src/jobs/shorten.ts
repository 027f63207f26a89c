/** Tried one after the other: how much of each list, and of each text, is left. */
const measures = [
  { items: 50, letters: 500 },
  { items: 20, letters: 300 },
  { items: 5, letters: 200 },
  { items: 1, letters: 100 },
  { items: 0, letters: 60 },
] as const;

type Measure = (typeof measures)[number];

/**
 * The value itself where its JSON has at most `bytesMax` bytes, else a copy whose lists and texts are cut to fit: lists
 * keep their first items, cut texts end in "…". Keys and numbers stay, so what has few keys always fits.
 */
export function shorten<T>(value: T, bytesMax: number): T {
  let short = value;
  for (const measure of measures) {
    if (Buffer.byteLength(JSON.stringify(short)) <= bytesMax) return short;
    short = cut(value, measure) as T;
  }
  return short;
}

function cut(value: unknown, measure: Measure): unknown {
  if (typeof value === 'string') {
    return value.length <= measure.letters ? value : `${value.slice(0, measure.letters)}…`;
  }
  if (Array.isArray(value)) return value.slice(0, measure.items).map((item) => cut(item, measure));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, cut(inner, measure)]));
}
