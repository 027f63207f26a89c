import { UrlFault } from './split-url.ts';

/** libpq's TLS modes (PostgreSQL manual, "SSL Support", table of sslmode values). */
const sslModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
type SslMode = (typeof sslModes)[number];

export interface TlsParameters {
  readonly sslMode: SslMode;
  /** Path of a CA file; null for the system's CAs. */
  readonly sslRootCert: string | null;
  /** Paths of a client certificate and its key; both or none. */
  readonly sslCert: string | null;
  readonly sslKey: string | null;
}

/**
 * How to speak TLS, from libpq's and Prisma's parameters. Where the two differ:
 * - `sslcert` with `sslkey` is libpq's client certificate; alone it is Prisma's way to name the server's CA.
 * - `sslaccept=strict` (Prisma) asks for a checked certificate whatever `sslmode` says; `accept_invalid_certs` for
 *   none.
 * - `sslmode=no-verify` (node-postgres) is TLS without a check.
 * A CA without any `sslmode` means `verify-full`: who names a CA wants to know whom they talk to.
 */
export function tlsParameters(parameter: (name: string) => string | null): TlsParameters {
  const sslKey = parameter('sslkey');
  const sslCert = parameter('sslcert');
  const caFile = parameter('sslrootcert') ?? (sslKey === null ? sslCert : null);
  if (sslKey !== null && sslCert === null) throw new UrlFault('has sslkey without sslcert');
  if (sslCert !== null && sslKey === null && parameter('sslrootcert') !== null)
    throw new UrlFault('has sslcert without sslkey beside sslrootcert; name the key of the certificate too');
  const clientCertificate = { sslCert: sslKey === null ? null : sslCert, sslKey };

  const accept = parameter('sslaccept');
  if (accept !== null && accept !== 'strict' && accept !== 'accept_invalid_certs') {
    throw new UrlFault('has an unknown sslaccept; it must be strict or accept_invalid_certs');
  }
  const mode = parameter('sslmode');
  if (mode === 'no-verify') return { sslMode: 'require', sslRootCert: null, ...clientCertificate };
  const known = sslModes.find((name) => name === mode) ?? null;
  if (mode !== null && known === null) {
    throw new UrlFault(`has an unknown sslmode; it must be one of ${sslModes.join(', ')}`);
  }
  if (accept === 'accept_invalid_certs') {
    if (known?.startsWith('verify') === true) {
      throw new UrlFault(`asks for sslmode=${known} and sslaccept=accept_invalid_certs; keep one of them`);
    }
    return { sslMode: known ?? 'prefer', sslRootCert: null, ...clientCertificate };
  }
  if (accept === 'strict' && known === 'disable') {
    throw new UrlFault('asks for sslmode=disable and sslaccept=strict; keep one of them');
  }
  if (caFile === 'system' && known !== null && known !== 'verify-full') {
    throw new UrlFault('has sslrootcert=system, which needs sslmode=verify-full');
  }
  const checked = accept === 'strict' || caFile === 'system' || (known === null && caFile !== null);
  return {
    sslMode: checked && known !== 'verify-ca' ? 'verify-full' : (known ?? 'prefer'),
    sslRootCert: caFile === 'system' ? null : caFile,
    ...clientCertificate,
  };
}
