/**
 * One SQL text for servers 13 to 18: a line ending in `-- [>= 15]` is kept for servers of that major version and later,
 * one ending in `-- [< 15]` for older ones, one ending in `-- [>= 15] [< 17]` for those between. The gate comes from
 * the version number alone: probing for a column would abort the transaction.
 */
export function sqlForServer(text: string, versionNum: number): string {
  const major = Math.floor(versionNum / 10_000);
  return text
    .split('\n')
    .filter((line) => {
      const gates = /-- ((?:\[(?:>=|<) \d+\] ?)+)$/.exec(line)?.[1] ?? '';
      return [...gates.matchAll(/\[(>=|<) (\d+)\]/g)].every(([, operator, version]) =>
        operator === '>=' ? major >= Number(version) : major < Number(version),
      );
    })
    .join('\n');
}
