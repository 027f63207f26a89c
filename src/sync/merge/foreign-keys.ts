import { sqlFile } from '../../lib/sql-file.ts';
import { quoteIdentifier } from '../../postgres/identifiers.ts';
import type { Session } from '../../postgres/session.ts';

const foreignKeysSql = sqlFile(import.meta.url, './foreign-keys.sql');

interface NamedTable {
  readonly schema: string;
  readonly name: string;
}

/** A foreign key between a table whose rows change and one that does not get all of its rows from the source. */
export interface ForeignKey {
  readonly name: string;
  /** What stands after FROM. */
  readonly child: string;
  readonly parent: string;
  readonly childTable: NamedTable;
  readonly parentTable: NamedTable;
  readonly pairs: readonly { readonly child: string; readonly parent: string; readonly equals: string }[];
  readonly full: boolean;
  readonly period: boolean;
  /** Places, from 1, of the changed tables that are its child, or its parent, or parts of them. */
  readonly changed: readonly number[];
  readonly gone: readonly number[];
}

/** `alike`, `changed`: qualified names (foreign-keys.sql). */
export async function readForeignKeys(
  session: Session,
  alike: readonly string[],
  changed: readonly string[],
  options: { readonly signal: AbortSignal },
): Promise<readonly ForeignKey[]> {
  return session.query<ForeignKey>(foreignKeysSql, [alike, changed], options);
}

/** The columns of a parent equal those of a child, as the key compares them. */
export function matching(
  pairs: ForeignKey['pairs'],
  parent: (name: string) => string,
  child: (name: string) => string,
): string {
  return pairs.map((pair) => `${parent(pair.parent)} ${pair.equals} ${child(pair.child)}`).join(' AND ');
}

export const of =
  (alias: string) =>
  (name: string): string =>
    `${alias}.${quoteIdentifier(name)}`;

/** The row `child` refers to something. */
export function refers({ pairs, full }: ForeignKey, child: (name: string) => string): string {
  const nulls = pairs.map((pair) => `${child(pair.child)} IS NULL`);
  // MATCH FULL: some NULL among values is a fault as well.
  return full
    ? `NOT (${nulls.join(' AND ')})`
    : pairs.map((pair) => `${child(pair.child)} IS NOT NULL`).join(' AND ');
}

/** The row `c` refers to nothing. `without`: a condition on the rows `p` of the parent that count. */
export function isOrphan(key: ForeignKey, without: string | null = null): string {
  const { parent, pairs, period } = key;
  const [own, other] = [of('c'), of('p')];
  const counts = without === null ? '' : ` AND ${without}`;
  const last = pairs.at(-1);
  const found =
    period && last !== undefined
      ? `${own(last.child)} OPERATOR(pg_catalog.<@) (SELECT pg_catalog.range_agg(${other(last.parent)}) FROM ${parent} AS p WHERE ${matching(pairs.slice(0, -1), other, own)}${counts})`
      : `EXISTS (SELECT FROM ${parent} AS p WHERE ${matching(pairs, other, own)}${counts})`;
  return `(${refers(key, own)} AND (${found}) IS NOT TRUE)`;
}
