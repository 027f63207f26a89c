/** Name of a comparison → what it found; an empty list where all is well. */
export type Findings = Readonly<Record<string, readonly string[]>>;

/** Lines that one side has more often than the other: `-` expected and missing, `+` there and not expected. */
export function differences(expected: readonly string[], actual: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const line of expected) counts.set(line, (counts.get(line) ?? 0) + 1);
  for (const line of actual) counts.set(line, (counts.get(line) ?? 0) - 1);
  return [...counts]
    .filter(([, count]) => count !== 0)
    .map(([line, count]) => `${count > 0 ? '-' : '+'} ${line}`)
    .sort((a, b) => (a.slice(2) < b.slice(2) ? -1 : 1));
}

/** The comparisons that found something. */
export function found(...all: readonly Findings[]): Findings {
  const entries = all.flatMap((findings) => Object.entries(findings));
  return Object.fromEntries(entries.filter(([, list]) => list.length > 0));
}
