import { describe } from 'vitest';
import { labelProvider } from '../support/label-provider.ts';
import { lacks } from '../support/lacks.ts';
import { fixtureSuite } from './matrix-suite.ts';
import { startServer } from './servers.ts';

/** PostgreSQL comes without a provider of labels; the fixture sets labels where ours is loaded. */
describe.skipIf(lacks('client-tools') || lacks('label-provider'))(
  'with a provider of security labels',
  () => {
    fixtureSuite(
      async () => startServer(undefined, { shared_preload_libraries: await labelProvider() }),
      'in-place',
      { fixtures: ['one-of-everything/security-labels'] },
    );
  },
);
