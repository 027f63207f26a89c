import { describe } from 'vitest';
import { lacks } from '../support/lacks.ts';
import { fixtureSuite } from './matrix-suite.ts';
import { sharedServer } from './servers.ts';

describe.skipIf(lacks('client-tools'))('each fixture in a database of its own, on PostgreSQL 18', () => {
  fixtureSuite(() => Promise.resolve(sharedServer), 'in-place', { backwardToo: true });
});
