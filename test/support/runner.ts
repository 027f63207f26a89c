import { TestRunner, inject } from 'vitest';
import type { RunnerTestFile } from 'vitest';
import { takeLacked } from './lacks.ts';

type RunnerConfig = ConstructorParameters<typeof TestRunner>[0];

/** Skips every test of a project whose servers could not be had, and notes for last-lines.ts what a file lacks. */
// oxlint-disable-next-line import/no-default-export -- vitest takes a runner as the default export
export default class SkippingRunner extends TestRunner {
  constructor(config: RunnerConfig) {
    const nothing = /(?!)/;
    super(inject('skipProject') === '' ? config : Object.assign(config, { testNamePattern: nothing }));
  }

  // One file at a time: a worker collects the next one when this one has ended.
  onCollected(files: RunnerTestFile[]): void {
    const lacked = takeLacked();
    if (lacked.length > 0) for (const file of files) file.meta.lacked = lacked;
  }
}
