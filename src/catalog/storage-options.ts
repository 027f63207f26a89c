import { quoteIdentifier, quoteLiteral } from '../postgres/identifiers.ts';

/**
 * `reloptions` or `attoptions` (`{fillfactor=70}`) as a list for `WITH (…)` or `SET (…)`; `toast` ones with their
 * prefix.
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

/** Options of foreign data (`{host=x}`) as ` OPTIONS (…)`, by name; nothing when there are none. */
export function foreignOptions(options: readonly string[] | null): string {
  if (options === null || options.length === 0) return '';
  const list = [...options].sort().map((option) => {
    const at = option.indexOf('=');
    return `${quoteIdentifier(option.slice(0, at))} ${quoteLiteral(option.slice(at + 1))}`;
  });
  return ` OPTIONS (${list.join(', ')})`;
}

/** Rows that say where their relation lies; with `keep` false everything lies in the database's own tablespace. */
export function placed<Row extends { readonly tablespace: string | null }>(
  rows: readonly Row[],
  keep: boolean,
): readonly Row[] {
  return keep ? rows : rows.map((row) => ({ ...row, tablespace: null }));
}

/** What a statement with `tablespaceClause` or `inTablespace` needs. */
export function tablespacesOf(tablespace: string | null): readonly string[] {
  return tablespace === null ? [] : [tablespace];
}

/** ` TABLESPACE …`, or nothing for the database's own. */
export function tablespaceClause(tablespace: string | null): string {
  return tablespace === null ? '' : ` TABLESPACE ${quoteIdentifier(tablespace)}`;
}

/** Statements that take their tablespace from the session: for what has no clause for it. */
export function inTablespace(tablespace: string | null, statements: string): string {
  if (tablespace === null) return statements;
  return `SET default_tablespace = ${quoteIdentifier(tablespace)};\n${statements}\nSET default_tablespace = '';`;
}

/** Parameters that servers before a major refuse. */
const optionMajors: Readonly<Record<string, number>> = {
  security_invoker: 15,
  autovacuum_vacuum_max_threshold: 18,
  vacuum_max_eager_freeze_failure_rate: 18,
};

/** The oldest servers that know all of these; 0 for all. */
export function optionsMajor(options: readonly string[] | null): number {
  return Math.max(
    0,
    ...(options ?? []).map((option) => optionMajors[option.slice(0, option.indexOf('='))] ?? 0),
  );
}
