import { SyncError } from '../../errors/sync-error.ts';
import { readEnvLines } from '../../config/env-lines.ts';

/** `NAME='value'` as `.env` takes it. USAGE_INVALID for a value that would be read in another way. Pure. */
export function envLine(name: string, value: string): string {
  const line = /^[\w@%+=:,./?&-]+$/.test(value) ? `${name}=${value}` : `${name}='${value}'`;
  const { values, faults } = readEnvLines(line);
  if (faults.length === 0 && values[name] === value) return line;
  throw new SyncError(
    'USAGE_INVALID',
    `What was given for ${name} cannot stand in a .env: it holds a quote, a line break or a character that cannot be ` +
      'seen.',
    { hint: 'In an address such characters are written with % (a quote is %27).' },
  );
}
