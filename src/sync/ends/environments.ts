import type { Config } from '../../config/config.ts';
import type { Environment } from '../../environments/environment.ts';
import { knownEnvironment } from '../../environments/known-environment.ts';

/** The environment of a name. CONFIG_ENVIRONMENT_UNKNOWN lists the names there are. */
export function environmentNamed(config: Pick<Config, 'environments'>, name: string): Environment {
  return knownEnvironment(config.environments, name);
}
