import { matrixSuite } from './matrix-suite.ts';

matrixSuite(17, 'in-place');
