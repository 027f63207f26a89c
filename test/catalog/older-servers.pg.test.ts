import { describe } from 'vitest';
import { lacks } from '../support/lacks.ts';
import { otherMajors } from '../support/other-majors.ts';
import { differentialSuite } from './differential-suite.ts';
import { startServer } from './servers.ts';

describe.skipIf(lacks('client-tools'))(
  'what our statements make is what pg_dump makes, on other majors',
  () => {
    describe.each(otherMajors())('$major', ({ binaries }) => {
      differentialSuite(() => startServer(binaries));
    });
  },
);
