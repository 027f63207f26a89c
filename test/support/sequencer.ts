import { BaseSequencer } from 'vitest/node';
import type { TestSpecification } from 'vitest/node';

/** One project after the other: a worker goes on with files of the same one and keeps the sources it has loaded. */
const projects: readonly string[] = ['matrix', 'e2e', 'pg', 'search', 'redis', 'fast'];

/**
 * What takes longest, longest first: what begins last should end soon. vitest itself knows the times of an earlier run
 * on the same machine, and otherwise goes by the size of files, which says little. The order matters, its exactness
 * does not.
 */
const long: readonly RegExp[] = [
  /\/catalog\/(?:each-alone|matrix-)/,
  /\/(?:demo|jobs|kill-restart)\.e2e\./,
  /\/faults\/(?:cancel|servers|kill-replace|connections|kill-in-place)\./,
  /\/(?:foreign\/(?:encodings|every-object)|jobs\/queue|sync\/extensions\/parts|sync\/owners\/ordinary-owner)\./,
  /\/(?:cli\/commands|catalog\/(?:bad-input|handed-down|dropped-objects)|sync\/prove\/|sync\/meaning)/,
  /\/search\/(?:faults|refusals)\./,
  /\/(?:faults|sync)\//,
];

export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const place = ({ moduleId, project }: TestSpecification): number => {
      const index = long.findIndex((pattern) => pattern.test(moduleId));
      return projects.indexOf(project.name) * (long.length + 1) + (index === -1 ? long.length : index);
    };
    return sorted.toSorted((a, b) => place(a) - place(b));
  }
}
