import { describe } from 'vitest';
import { lacks } from '../support/lacks.ts';
import { differentialSuite } from './differential-suite.ts';
import { otherServers, startServer } from './servers.ts';

describe.skipIf(lacks('client-tools') || otherServers.length === 0)(
  'what our statements make is what pg_dump makes, on other majors',
  () => {
    describe.each(otherServers)('%s', (binaries) => {
      differentialSuite(() => startServer(binaries));
    });
  },
);
