import { describe } from 'vitest';
import { labelProvider } from '../support/label-provider.ts';
import { lacks } from '../support/lacks.ts';
import { differentialSuite } from './differential-suite.ts';
import { startServer } from './servers.ts';

/** PostgreSQL comes without a provider of labels; the fixture sets labels where ours is loaded. */
describe.skipIf(lacks('client-tools') || lacks('label-provider'))(
  'with a provider of security labels',
  () => {
    differentialSuite(
      async () => startServer(undefined, { shared_preload_libraries: await labelProvider() }),
      ['one-of-everything/security-labels'],
    );
  },
);
