import { matrixSuite } from './matrix-suite.ts';

matrixSuite(16, 'replace');
