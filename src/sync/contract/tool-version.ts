import { readFileSync } from 'node:fs';

const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  readonly version: string;
};

/** `multiboard-sync 0.1.0`: who wrote a dump. */
export const toolVersion: string = `multiboard-sync ${version}`;
