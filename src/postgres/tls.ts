import { readFile } from 'node:fs/promises';
import type { ConnectionOptions } from 'node:tls';
import type { DatabaseUrlParts } from '../environments/database-url.ts';
import { SyncError } from '../errors/sync-error.ts';

/** `false` is a connection without TLS. */
type TlsAttempt = false | ConnectionOptions;

/**
 * What libpq would try for an `sslmode`, in order (PostgreSQL manual, "SSL Support"). With a CA file given, a mode that
 * asks for TLS checks certificate and host name (`verify-full`), stricter than libpq's `verify-ca`: the file says the
 * user wants to know whom they talk to. Throws CONFIG_INVALID when a file cannot be read.
 */
export async function tlsAttempts(parts: DatabaseUrlParts): Promise<readonly TlsAttempt[]> {
  const { sslMode, sslRootCert, sslCert, sslKey, host } = parts;
  if (host.startsWith('/')) return [false]; // a Unix socket
  const ca = sslRootCert === null ? null : await readPem(sslRootCert, 'CA file named by sslrootcert');
  const client: ConnectionOptions =
    sslCert === null || sslKey === null
      ? {}
      : {
          cert: await readPem(sslCert, 'client certificate named by sslcert'),
          key: await readPem(sslKey, 'key named by sslkey'),
        };
  const unchecked: TlsAttempt = { ...client, rejectUnauthorized: false };
  const checked: TlsAttempt = { ...client, rejectUnauthorized: true, ...(ca === null ? {} : { ca }) };
  const chainOnly: TlsAttempt = { ...checked, checkServerIdentity: () => undefined };
  switch (sslMode) {
    case 'disable':
      return [false];
    case 'allow':
      return [false, unchecked];
    case 'prefer':
      return [unchecked, false];
    case 'require':
      return [ca === null ? unchecked : checked];
    case 'verify-ca':
      return [chainOnly];
    case 'verify-full':
      return [checked];
    default:
      return sslMode satisfies never;
  }
}

async function readPem(path: string, what: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new SyncError('CONFIG_INVALID', `The ${what} cannot be read.`, { cause: error });
  }
}
