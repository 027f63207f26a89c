import { TestRunner, inject } from 'vitest';

type RunnerConfig = ConstructorParameters<typeof TestRunner>[0];

/** Skips every test of a project whose servers could not be had; global tear-down says which and why. */
// oxlint-disable-next-line import/no-default-export -- vitest takes a runner as the default export
export default class SkippingRunner extends TestRunner {
  constructor(config: RunnerConfig) {
    const nothing = /(?!)/;
    super(inject('skipProject') === '' ? config : Object.assign(config, { testNamePattern: nothing }));
  }
}
