import { SyncError } from '../errors/sync-error.ts';
import { didYouMean } from '../lib/nearest.ts';
import type { Environment } from './environment.ts';

/** The environment of that name. CONFIG_ENVIRONMENT_UNKNOWN lists the names there are, and suggests the nearest. */
export function knownEnvironment(environments: ReadonlyMap<string, Environment>, name: string): Environment {
  const environment = environments.get(name);
  if (environment !== undefined) return environment;
  throw new SyncError('CONFIG_ENVIRONMENT_UNKNOWN', unknownWords(environments, name), {
    details: { environment: isName(name) ? name : null, environments: [...environments.keys()].sort() },
  });
}

const isName = (text: string): boolean => /^[\w-]{1,63}$/.test(text);

/** What somebody is told who named one that is not there. */
export function unknownWords(environments: ReadonlyMap<string, unknown>, name: string): string {
  const known = [...environments.keys()].sort();
  const list = known.length === 0 ? 'None is set.' : `There are: ${known.join(', ')}.`;
  // An address that stands where a name belongs holds a password.
  if (!isName(name))
    return `What you gave is not the name of an environment, and is not repeated here. ${list}`;
  return `There is no environment "${name}". ${list}${didYouMean(name, known)}`;
}
