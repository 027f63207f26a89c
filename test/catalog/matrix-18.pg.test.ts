import { matrixSuite } from './matrix-suite.ts';

matrixSuite(18, 'replace');
