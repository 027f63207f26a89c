import { describe } from 'vitest';
import { lacks } from '../support/lacks.ts';
import { serverBinaries } from '../support/servers/fetch.ts';
import { fixtureSuite } from './matrix-suite.ts';
import { startServer } from './servers.ts';

describe.skipIf(lacks('client-tools') || lacks('postgres-13'))(
  'operators behind their argument, of 13',
  () => {
    fixtureSuite(() => startServer(serverBinaries(13)), 'replace', {
      fixtures: ['catalog/postfix-operators'],
    });
  },
);
