import { nearest } from '../lib/nearest.ts';
import { settings } from './settings.ts';

/** What follows an environment's name in the names of its variables. */
const environmentSuffixes = [
  '_DATABASE_URL',
  '_DATABASE_SCHEMA',
  '_DATABASE_SCHEMAS',
  '_DIRECT_URL',
  '_MASK_SALT',
  '_PROTECTION',
  '_TYPESENSE_URL',
  '_TYPESENSE_API_KEY',
] as const;

/** Chooses the configuration file, and can therefore not stand in a `.env` that is found beside it. */
export const configVariable = 'MULTIBOARD_SYNC_CONFIG';

const settingNames: readonly string[] = Object.values(settings).map(({ env }) => env);
/** Names of other programs that are near one of ours, and common. */
const others = new Set([
  'DATABASE_URL',
  'DIRECT_URL',
  'HOSTNAME',
  'POSTGRES_HOST',
  'TYPESENSE_URL',
  'TYPESENSE_API_KEY',
]);

/** The secrets of a channel (notices/channel.ts). */
const channelVariable = /^NOTICE_[A-Z0-9_]+_(?:URL|SECRET)$/;

/** True for a variable that this program reads. */
export function isOwnName(name: string): boolean {
  if (channelVariable.test(name)) return true;
  return settingNames.includes(name) || environmentSuffixes.some((suffix) => isOf(name, suffix));
}

/** A value that is secret, or that keeps something from harm: set to nothing it would be lost without a word. */
export function isGuarding(name: string): boolean {
  return (
    name === 'API_KEY' ||
    channelVariable.test(name) ||
    /_(?:MASK_SALT|PROTECTION|TYPESENSE_API_KEY)$/.test(name)
  );
}

/**
 * The name of ours that somebody meant with `name`; null where it is ours, or not near one. Of an environment's
 * variable the whole end is compared (`STAGING_DATABSE_URL`), in a `.env` also the settings (`API_KYE`).
 */
export function meantName(name: string, of: 'file' | 'process'): string | null {
  if (isOwnName(name) || others.has(name) || name === configVariable) return null;
  const upper = name.toUpperCase().replaceAll(/[-.\s]+/g, '_');
  if (upper !== name && isOwnName(upper)) return upper;
  for (const suffix of environmentSuffixes) {
    const words = suffix.split('_').length - 1;
    const parts = upper.split('_');
    const end = `_${parts.slice(-words).join('_')}`;
    const prefix = parts
      .slice(0, -words)
      .join('_')
      .replace(/^[^A-Z]+/, '');
    if (prefix === '' || end.length < 6) continue;
    if (isNear(end, suffix)) return `${prefix}${suffix}`;
  }
  if (of === 'process') return null;
  const meant = nearest(upper, settingNames);
  return meant !== null && isNear(upper, meant) ? meant : null;
}

/** One slip in a short name, two in a long one. */
function isNear(typed: string, name: string): boolean {
  if (Math.abs(typed.length - name.length) > 2) return false;
  if (nearest(typed, [name]) === null) return false;
  let same = 0;
  while (same < typed.length && typed[same] === name[same]) same += 1;
  let tail = 0;
  while (tail < Math.min(typed.length, name.length) - same && typed.at(-1 - tail) === name.at(-1 - tail))
    tail += 1;
  const changed = Math.max(typed.length, name.length) - same - tail;
  return changed <= (name.length < 7 ? 1 : 2);
}

function isOf(name: string, suffix: string): boolean {
  // As `loadEnvironments` takes them: a name that is written otherwise would say nothing.
  return name.endsWith(suffix) && /^[A-Z][A-Z0-9_]*$/.test(name.slice(0, -suffix.length));
}
