import { clientEncoding, utf8 } from './client-encoding.ts';
import type { ClientEncoding } from './client-encoding.ts';
import { tokensOf } from './tokens.ts';

/** What `client_encoding` is after a statement, as far as the statement itself says. `head` is its first tokens. */
export function clientEncodingAfter(
  before: ClientEncoding,
  head: readonly string[],
  text: Buffer,
): ClientEncoding {
  if (head[0] === 'reset' && (head[1] === 'all' || head[1] === 'client_encoding')) return utf8;
  if (head[0] !== 'set' || !head.includes('client_encoding')) return before;
  const tokens = tokensOf(text, { limit: 8 });
  const at = tokens.findIndex(({ word }) => word === 'client_encoding');
  return clientEncoding(tokens[at + 2]?.text.replaceAll("'", '') ?? '') ?? before;
}
