import { BaseSequencer } from 'vitest/node';
import type { TestSpecification } from 'vitest/node';

/**
 * What takes longest, longest first: what begins last should end soon. vitest itself knows the times of an earlier run
 * on the same machine, and otherwise goes by the size of files, which says little. The order matters, its exactness
 * does not.
 */
const long: readonly RegExp[] = [
  /\.matrix\.test\.ts$/,
  /\/catalog\/matrix-/,
  /\/demo\.e2e\./,
  /\/service\/.*\.e2e\./,
  /\/sync\/(?:across-versions|ordinary-owner|kept-columns|policies|large-objects)\./,
  /\/faults\/(?:cancel|kill-replace|connections|servers)\./,
  /\.e2e\.test\.ts$/,
  /\/sync\/(?:review-kept|schema-names|round-trip|meaning|verify|undo|extension-parts)/,
  /\/foreign\/every-object\./,
  /\/(?:faults|sync)\//,
  /\/(?:cli|search)\//,
];

export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const place = ({ moduleId }: TestSpecification): number => {
      const index = long.findIndex((pattern) => pattern.test(moduleId));
      return index === -1 ? long.length : index;
    };
    return sorted.toSorted((a, b) => place(a) - place(b));
  }
}
