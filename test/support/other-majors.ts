import { lacks } from './lacks.ts';
import { olderMajors } from './needs.ts';
import { serverBinaries } from './servers/fetch.ts';

export interface OtherMajor {
  readonly major: number;
  /** For `privatePostgres(settings, binaries)`. */
  readonly binaries: string;
}

/** Servers of the majors before the one the tests run on; those that could not be had are named when the run ends. */
export function otherMajors(): readonly OtherMajor[] {
  return olderMajors
    .filter((major) => !lacks(`postgres-${major}`))
    .map((major) => ({ major, binaries: serverBinaries(major) }));
}
