import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load-config.ts';
import { knownEnvironment } from '../environments/known-environment.ts';
import { SyncError } from '../errors/sync-error.ts';
import { isLoopback } from '../http/same-machine.ts';
import type { Secret } from '../lib/secret.ts';
import { readOwnKey } from '../local-access/own-key.ts';
import { readNamedService } from '../local-access/service-file.ts';
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
  /**
   * The service named by --server, else the one that the data directory names, else the one at a PORT that was said:
   * for what only a service has. Throws CONFIG_SERVICE_UNREACHABLE where nobody has said any: who listens at a port
   * that we only suppose may be anybody, and gets no key.
   */
  readonly needService: () => ServiceClient;
  /** The service that the data directory names; null where it names none. It may have died since. */
  readonly namedService: () => ServiceClient | null;
  /** A line for people, on stderr. */
  readonly say: (line: string) => void;
  /** How a command that is advised begins and ends: as this one was called. */
  readonly program: { readonly name: string; readonly server: string | null };
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
  const connect = (address: string): ServiceClient =>
    serviceClient(address, keyFor(address, config()), config());
  return {
    io,
    options,
    config,
    service: options.server === undefined ? null : connect(options.server),
    needService: () => (options.server === undefined ? ownService(config()) : connect(options.server)),
    namedService: () => namedService(config()),
    say: (line) => {
      if (options.quiet !== true) io.stderr.write(`${line}\n`);
    },
    // npx says so (npm's documentation, "npm exec").
    program: {
      name: io.env['npm_command'] === 'exec' ? 'npx multiboard-sync' : 'multiboard-sync',
      server: options.server ?? null,
    },
    colour: { data: wantsColour(io, io.stdout), people: wantsColour(io, io.stderr) },
  };
}

/** A service that made its own key listens on this machine alone: its key goes nowhere else. */
function keyFor(address: string, { http, directories }: Config): Secret | null {
  if (http.apiKey !== null) return http.apiKey;
  const host = URL.canParse(address) ? new URL(address).hostname.replaceAll(/[[\]]/g, '') : '';
  return isLoopback(host) ? readOwnKey(directories.data) : null;
}

function namedService(config: Config): ServiceClient | null {
  const named = readNamedService(config.directories.data);
  return named === null ? null : serviceClient(named.url, named.token, config);
}

function ownService(config: Config): ServiceClient {
  const { http, directories } = config;
  const named = namedService(config);
  if (named !== null) return named;
  if (http.portIsChosen && http.port !== 0) {
    const address = `http://${localName(http.host)}:${http.port}`;
    return serviceClient(address, keyFor(address, config), config);
  }
  throw new SyncError(
    'CONFIG_SERVICE_UNREACHABLE',
    `No service runs on the data directory ${directories.data}, and no address was given; nothing was sent.`,
    { hint: 'Start it (multiboard-sync serve), or give the address of another with --server.' },
  );
}

/** Where a service that listens everywhere is reached from its own machine. */
function localName(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

/**
 * Throws CONFIG_ENVIRONMENT_UNKNOWN that suggests the nearest name. Leaves the judgement to the service with --server.
 */
export function checkEnvironment(context: Context, name: string): void {
  if (context.service !== null) return;
  knownEnvironment(context.config().environments, name);
}
