import { matrixSuite } from './matrix-suite.ts';

matrixSuite(15, 'in-place');
