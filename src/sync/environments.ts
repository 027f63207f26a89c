import type { Config } from '../config/config.ts';
import type { Environment } from '../environments/environment.ts';
import { SyncError } from '../errors/sync-error.ts';

/** The environment of a name. CONFIG_ENVIRONMENT_UNKNOWN lists the names there are. */
export function environmentNamed(config: Pick<Config, 'environments'>, name: string): Environment {
  const environment = config.environments.get(name);
  if (environment !== undefined) return environment;
  const known = [...config.environments.keys()].sort();
  throw new SyncError(
    'CONFIG_ENVIRONMENT_UNKNOWN',
    `There is no environment "${name}"; there ${known.length === 0 ? 'are none' : `are: ${known.join(', ')}`}.`,
    {
      details: { environments: known },
    },
  );
}
