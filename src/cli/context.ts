import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load-config.ts';
import { SyncError } from '../errors/sync-error.ts';
import { didYouMean } from '../lib/nearest.ts';
import { wantsColour } from './io.ts';
import type { Io } from './io.ts';
import { serviceClient } from './service-client.ts';
import type { ServiceClient } from './service-client.ts';

/** Options every command takes. */
export interface GlobalOptions {
  readonly json?: boolean | undefined;
  readonly quiet?: boolean | undefined;
  readonly server?: string | undefined;
  readonly config?: string | undefined;
}

/** What a command works with. */
export interface Context {
  readonly io: Io;
  readonly options: GlobalOptions;
  /** Reads the configuration at the first call. Throws CONFIG_INVALID. */
  readonly config: () => Config;
  /** The service named by --server; null where the command runs in this process. */
  readonly service: ServiceClient | null;
  /** The service named by --server, or the one the configuration describes: for what only a service has. */
  readonly needService: () => ServiceClient;
  /** A line for people, on stderr. */
  readonly say: (line: string) => void;
  /** Colour for stdout and stderr. */
  readonly colour: { readonly data: boolean; readonly people: boolean };
}

export function createContext(io: Io, options: GlobalOptions): Context {
  let loaded: Config | null = null;
  const config = (): Config => {
    loaded ??= loadConfig({ env: io.env, cwd: io.cwd, file: options.config });
    return loaded;
  };
  // The key may stand in `.env`, so even a remote command reads the configuration.
  const connect = (address: string): ServiceClient => serviceClient(address, config().http.apiKey);
  return {
    io,
    options,
    config,
    service: options.server === undefined ? null : connect(options.server),
    needService: () => {
      const { host, port } = config().http;
      return connect(options.server ?? `http://${localName(host)}:${port}`);
    },
    say: (line) => {
      if (options.quiet !== true) io.stderr.write(`${line}\n`);
    },
    colour: { data: wantsColour(io, io.stdout), people: wantsColour(io, io.stderr) },
  };
}

/** Where a service that listens everywhere is reached from its own machine. */
function localName(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

/** Throws CONFIG_ENVIRONMENT_UNKNOWN that suggests the nearest name. Leaves the judgement to the service with --server. */
export function checkEnvironment(context: Context, name: string): void {
  if (context.service !== null) return;
  const { environments } = context.config();
  if (environments.has(name)) return;
  const known = [...environments.keys()];
  const list = known.length === 0 ? 'None is set.' : `There are: ${known.join(', ')}.`;
  throw new SyncError(
    'CONFIG_ENVIRONMENT_UNKNOWN',
    `There is no environment "${name}". ${list}${didYouMean(name, known)}`,
    { details: { environment: name } },
  );
}
