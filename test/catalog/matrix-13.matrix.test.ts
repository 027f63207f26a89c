import { matrixSuite } from './matrix-suite.ts';

matrixSuite(13, 'in-place');
