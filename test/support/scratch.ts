import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const scratchPrefix = 'multiboard-sync-test-';

/** A new folder for one test server, readable by its owner only. */
export function scratchDirectory(what: string): Promise<string> {
  return mkdtemp(join(tmpdir(), `${scratchPrefix}${what}-`));
}
