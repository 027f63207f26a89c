import { matrixSuite } from './matrix-suite.ts';

matrixSuite(14, 'replace');
