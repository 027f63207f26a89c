/** The pieces of a database address, still percent-encoded where a piece may be. */
export interface SplitUrl {
  readonly user: string;
  readonly password: string | null;
  readonly host: string;
  readonly port: string;
  readonly database: string;
  readonly parameters: readonly (readonly [name: string, value: string])[];
  /** Without an @ what stands behind the ? may be the end of a password, and a name in it is not to be shown. */
  readonly namesMayBeShown: boolean;
}

/** What is wrong with an address, in words that follow the setting's name; never holds a piece of the address. */
export class UrlFault extends Error {
  override readonly name = 'UrlFault';
}

const encodeHint =
  'write special characters of user and password percent-encoded (@ as %40, / as %2F, # as %23)';

/**
 * Splits `postgresql://user:password@host:port/database?name=value`. Not with `new URL`: that refuses an empty host,
 * which Unix sockets need, reads `+` as a space, and takes what follows a `#` in a password for a fragment.
 * Throws `UrlFault`.
 */
export function splitUrl(text: string): SplitUrl {
  const rest = afterScheme(text.trim());
  if (rest.includes('#')) throw new UrlFault(`holds a #; ${encodeHint}`);
  const queryAt = rest.indexOf('?');
  const beforeQuery = queryAt === -1 ? rest : rest.slice(0, queryAt);
  const slashAt = beforeQuery.indexOf('/');
  const authority = slashAt === -1 ? beforeQuery : beforeQuery.slice(0, slashAt);
  // A raw @ further on means that a / or ? of the password was taken for the end of the host.
  if (rest.slice(authority.length).includes('@'))
    throw new UrlFault(`has an @ behind its host; ${encodeHint}`);
  // A host holds no @, so the last one ends the password, even where it holds another.
  const at = authority.lastIndexOf('@');
  const userInfo = at === -1 ? '' : authority.slice(0, at);
  const colon = userInfo.indexOf(':');
  return {
    user: decode(colon === -1 ? userInfo : userInfo.slice(0, colon), 'user'),
    password: colon === -1 ? null : decode(userInfo.slice(colon + 1), 'password'),
    ...splitHost(authority.slice(at + 1)),
    database: decode(slashAt === -1 ? '' : beforeQuery.slice(slashAt + 1), 'database name'),
    parameters: queryAt === -1 ? [] : splitQuery(rest.slice(queryAt + 1), at !== -1),
    namesMayBeShown: at !== -1,
  };
}

function afterScheme(text: string): string {
  const scheme = /^([a-z][a-z0-9+.:-]*?):\/\//i.exec(text);
  const name = scheme?.[1]?.toLowerCase();
  if (scheme !== null && (name === 'postgresql' || name === 'postgres')) return text.slice(scheme[0].length);
  if (/^["']/.test(text)) throw new UrlFault('starts with a quote; remove the quotes around the address');
  if (name === 'jdbc:postgresql')
    throw new UrlFault('starts with jdbc:; remove that and put the user before the host');
  if (name?.startsWith('prisma')) {
    throw new UrlFault(
      'is an address of Prisma’s own service; set the database’s direct postgresql:// address',
    );
  }
  if (/^\s*[a-z_]+\s*=/i.test(text)) {
    throw new UrlFault(
      'is a key=value connection string; write it as postgresql://user:password@host:5432/database',
    );
  }
  throw new UrlFault('is not a database address (postgresql://user:password@host:5432/database)');
}

function splitHost(text: string): { readonly host: string; readonly port: string } {
  if (text.includes(',')) throw new UrlFault('names several hosts; name the one to use');
  const bracketed = /^\[([0-9a-f:.]+(?:%[^\]]+)?)\](?::(.*))?$/i.exec(text);
  if (bracketed !== null) return { host: bracketed[1] ?? '', port: bracketed[2] ?? '' };
  const colon = text.indexOf(':');
  const host = decode(colon === -1 ? text : text.slice(0, colon), 'host');
  if (/[\s@[\]]/.test(host)) throw new UrlFault(`has a host that cannot be one; ${encodeHint}`);
  return { host, port: colon === -1 ? '' : text.slice(colon + 1) };
}

function splitQuery(query: string, namesMayBeShown: boolean): (readonly [string, string])[] {
  const parameters: (readonly [string, string])[] = [];
  for (const pair of query.split('&').filter((part) => part !== '')) {
    const equals = pair.indexOf('=');
    // The text before an = may be the end of a password with a ? in it: only a plain word is ever shown.
    const name = equals === -1 ? '' : pair.slice(0, equals);
    if (!/^[a-z_]+$/i.test(name)) throw new UrlFault(`has a malformed parameter behind its ?; ${encodeHint}`);
    if (parameters.some(([known]) => known === name))
      throw new UrlFault(`says ${namesMayBeShown ? name : 'a parameter'} twice`);
    parameters.push([
      name,
      decode(pair.slice(equals + 1), namesMayBeShown ? `parameter ${name}` : 'parameters'),
    ]);
  }
  return parameters;
}

function decode(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new UrlFault(`has a % in its ${what} that is not followed by two hex digits; write % as %25`);
  }
}
