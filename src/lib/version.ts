import { readFileSync } from 'node:fs';

const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');

/** Of this program, as its package says: `0.1.0`. */
export const version: string = (JSON.parse(text) as { readonly version: string }).version;
