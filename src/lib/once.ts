/** Each text once, where it comes first. */
export function once(texts: Iterable<string>): readonly string[] {
  return [...new Set(texts)];
}
