import type { Duplex } from 'node:stream';
import type { DatabaseUrlParts } from '../environments/database-url.ts';
import { SyncError } from '../errors/sync-error.ts';

/** What pg 8.23 calls a Connection, as far as it is used here. */
interface Connection {
  stream: Duplex;
  on(event: string, listener: (message: { readonly mechanisms?: readonly string[] }) => void): unknown;
  emit(event: string, ...args: unknown[]): boolean;
}

/**
 * Has the connections that `stream` is made for log in only with a proof that is bound to their TLS channel, as libpq
 * does where channel_binding is `require`; else `stream` itself. pg binds where the server offers it and goes on
 * without where it does not: whoever stands between would only have to offer less. Before anything is sent that a
 * password is made into, the connection ends with AUTH_DATABASE.
 */
export function insistingStream(
  channelBinding: DatabaseUrlParts['channelBinding'],
  stream: () => Duplex,
): () => Duplex {
  if (channelBinding !== 'require') return stream;
  // pg calls it as a method of the new Connection, and listens to that only afterwards.
  return function insisting(this: unknown): Duplex {
    const connection = this as Connection;
    let bound = false;
    const refuse = (): void => {
      connection.emit(
        'error',
        new SyncError(
          'AUTH_DATABASE',
          'The address says channel_binding=require, and the server offers no login that is bound to the TLS channel.',
          { hint: 'Use TLS and a SCRAM password, or say channel_binding=prefer.' },
        ),
      );
      connection.stream.destroy();
    };
    connection.on('authenticationCleartextPassword', refuse);
    connection.on('authenticationMD5Password', refuse);
    connection.on('authenticationSASL', ({ mechanisms }) => {
      bound = mechanisms?.includes('SCRAM-SHA-256-PLUS') === true;
      if (!bound) refuse();
    });
    connection.on('authenticationOk', () => {
      if (!bound) refuse();
    });
    return stream.call(this);
  };
}
