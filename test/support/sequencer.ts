import { BaseSequencer } from 'vitest/node';
import type { TestSpecification } from 'vitest/node';

const long = /\/matrix-\d+\.pg\.test\.ts$/;

/** Without the times of an earlier run the largest files come first; these are small, and take minutes. */
export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const first = sorted.filter(({ moduleId }) => long.test(moduleId));
    return [...first, ...sorted.filter((file) => !first.includes(file))];
  }
}
