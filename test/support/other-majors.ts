import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export interface OtherMajor {
  readonly major: number;
  /** For `privatePostgres(settings, binaries)`. */
  readonly binaries: string;
}

const home = '/usr/lib/postgresql';

/** Servers of other majors that Debian's packages installed; often none, so use `describe.each`. */
export function otherMajors(): readonly OtherMajor[] {
  if (!existsSync(home)) return [];
  return readdirSync(home)
    .map((name) => ({ major: Number(name), binaries: join(home, name) }))
    .filter(({ major, binaries }) => major >= 13 && existsSync(join(binaries, 'bin', 'postgres')));
}
