import { sqlFile } from '../../lib/sql-file.ts';
import type { CallOptions, Queryable } from '../session.ts';
import type { LargeObjectRun } from './contents.ts';

const privilegesSql = sqlFile(import.meta.url, './privileges.sql');
const wordsSql = sqlFile(import.meta.url, './words.sql');
const digestSql = sqlFile(import.meta.url, './properties-digest.sql');
const unreadableSql = sqlFile(import.meta.url, './unreadable.sql');

/** One access item that is more, or less, than what these objects are born with. */
export interface LargeObjectPrivilege {
  readonly oids: readonly number[];
  readonly action: 'grant' | 'revoke';
  readonly grantee: string | null;
  readonly grantor: string | null;
  readonly privileges: readonly string[] | null;
  readonly grantable: readonly string[] | null;
  readonly allPrivileges: number;
  readonly column: null;
}

/** A comment, or a label of a provider. */
export interface LargeObjectWords {
  readonly oid: number;
  readonly provider: string | null;
  readonly text: string;
}

const runValues = ({ ownerOid, first, last }: LargeObjectRun): readonly number[] => [ownerOid, first, last];

export function largeObjectPrivileges(
  session: Queryable,
  run: LargeObjectRun,
  options: CallOptions,
): Promise<readonly LargeObjectPrivilege[]> {
  return session.query<LargeObjectPrivilege>(privilegesSql, runValues(run), options);
}

export function largeObjectWords(
  session: Queryable,
  run: LargeObjectRun,
  options: CallOptions,
): Promise<readonly LargeObjectWords[]> {
  return session.query<LargeObjectWords>(wordsSql, runValues(run), options);
}

export const propertyParts = ['owners', 'privileges', 'words'] as const;

/** Rows and two sums, as in the digest of a table. */
export interface PropertyDigest {
  readonly rows: number;
  readonly high: string;
  readonly low: string;
}

export type PropertyDigests = Readonly<Record<(typeof propertyParts)[number], PropertyDigest>>;

/** Digests of what all large objects have beside their contents, by one statement. */
export async function propertyDigests(session: Queryable, options: CallOptions): Promise<PropertyDigests> {
  const rows = await session.query<{ part: string; rows: string; high: string; low: string }>(
    digestSql,
    [],
    options,
  );
  const of = (part: (typeof propertyParts)[number]): PropertyDigest => {
    const row = rows.find((candidate) => candidate.part === part);
    return { rows: Number(row?.rows ?? 0), high: row?.high ?? '0', low: row?.low ?? '0' };
  };
  return { owners: of('owners'), privileges: of('privileges'), words: of('words') };
}

/** How many large objects this role may not read, and the first of them. */
export async function unreadableLargeObjects(
  session: Queryable,
  options: CallOptions,
): Promise<{ readonly count: number; readonly oids: readonly number[] }> {
  const [row] = await session.query<{ count: number; oids: readonly number[] | null }>(
    unreadableSql,
    [],
    options,
  );
  return { count: row?.count ?? 0, oids: row?.oids ?? [] };
}
