import { quoteIdentifier, quoteLiteral } from '../postgres/identifiers.ts';

/**
 * `reloptions` or `attoptions` (`{fillfactor=70}`) as a list for `WITH (…)` or `SET (…)`; `toast` ones with their prefix.
 */
export function optionList(options: readonly string[] | null, prefix: '' | 'toast.' = ''): string[] {
  return (options ?? []).map((option) => {
    const at = option.indexOf('=');
    return `${prefix}${quoteIdentifier(option.slice(0, at))}=${quoteLiteral(option.slice(at + 1))}`;
  });
}

/** ` WITH (…)`, or nothing. */
export function withOptions(options: readonly string[]): string {
  return options.length === 0 ? '' : ` WITH (${options.join(', ')})`;
}
