import type { Findings } from './differences.ts';

/** Where pg_dump's own restore is not what the source was, and ours is. */
interface KnownDifference {
  readonly reason: string;
  /** On servers of which majors. */
  readonly majors: (major: number) => boolean;
  readonly line: RegExp;
}

const knownDifferences: readonly KnownDifference[] = [
  {
    reason:
      'A new database of these servers lets everybody create in schema public. pg_dump writes grants as a difference ' +
      'from what 15 gives, so that a right taken from everybody comes back with its restore.',
    majors: (major) => major < 15,
    line: /^[-+] (?:Name: SCHEMA public; Type: ACL;|privileges on schema public: )/,
  },
  {
    reason:
      'pg_dump makes a constraint NOT VALID on a child, where it is valid, because that of the parent is NOT VALID.',
    majors: () => true,
    line: /^[-+] constraint \S*public\.(?:forgotten|twice) later: validated [tf] local f /,
  },
];

/** The findings without the differences that are pg_dump's. */
export function unexplained(findings: Findings, major: number): Findings {
  const explained = (line: string): boolean =>
    knownDifferences.some(({ majors, line: pattern }) => majors(major) && pattern.test(line));
  return Object.fromEntries(
    Object.entries(findings).map(([name, lines]) => [name, lines.filter((line) => !explained(line))]),
  );
}
