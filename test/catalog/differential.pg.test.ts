import { describe } from 'vitest';
import { lacks } from '../support/lacks.ts';
import { differentialSuite } from './differential-suite.ts';
import { sharedServer } from './servers.ts';

describe.skipIf(lacks('client-tools'))('what our statements make is what pg_dump makes', () => {
  differentialSuite(() => Promise.resolve(sharedServer));
});
