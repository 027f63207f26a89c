import { sqlFile } from '../../lib/sql-file.ts';
import { qualifiedName } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { oneLine } from '../display-name.ts';
import { address, claim } from '../draft.ts';
import type { Claim } from '../draft.ts';
import { operandTypes, qualifiedOperator } from './operator-name.ts';

const sql = sqlFile(import.meta.url, './operator-members.sql');

/** An operator or a function of an operator family. */
export interface MemberRow {
  readonly catalog: 'pg_amop' | 'pg_amproc';
  readonly oid: number;
  readonly family: number;
  /** The class that makes it; null for what was added to the family. */
  readonly class: number | null;
  readonly number: number;
  readonly left: string;
  readonly right: string;
  readonly schema: string;
  readonly name: string;
  /** Of functions. */
  readonly arguments: string | null;
  /** The family that an ordering operator orders by. */
  readonly sortSchema: string | null;
  readonly sortFamily: string | null;
  /** Made by users, not by PostgreSQL or an extension; only of interest where the family is theirs. */
  readonly users: boolean;
}

export function readMembers(catalog: CatalogSession): Promise<readonly MemberRow[]> {
  return catalog.rows<MemberRow>(sql);
}

/** As in CREATE OPERATOR CLASS … AS and ALTER OPERATOR FAMILY … ADD. */
export function memberClause(row: MemberRow): string {
  const name = [row.schema, row.name] as const;
  const types = operandTypes(row.left, row.right);
  if (row.catalog === 'pg_amproc') {
    return `FUNCTION ${row.number} ${types} ${qualifiedName(...name)}(${row.arguments ?? ''})`;
  }
  const orderBy =
    row.sortSchema === null || row.sortFamily === null
      ? ''
      : ` FOR ORDER BY ${qualifiedName(row.sortSchema, row.sortFamily)}`;
  return `OPERATOR ${row.number} ${qualifiedOperator(name)} ${types}${orderBy}`;
}

/** As in ALTER OPERATOR FAMILY … DROP. */
export function droppedMember({ catalog, number, left, right }: MemberRow): string {
  return `${catalog === 'pg_amop' ? 'OPERATOR' : 'FUNCTION'} ${number} ${operandTypes(left, right)}`;
}

/** `of`: the identity of the class or family. */
export function memberClaim(row: MemberRow, of: string): Claim {
  const kind = row.catalog === 'pg_amop' ? 'operator' : 'function';
  const types = oneLine(operandTypes(row.left, row.right));
  return claim(address(row.catalog, row.oid), `${kind} ${row.number} ${types} of ${of}`, null);
}

/** Numbers of support functions that older servers do not know. */
const newFunctions: Readonly<Record<string, Readonly<Record<number, number>>>> = {
  btree: { 6: 18 },
  gist: { 11: 14, 12: 18 },
};

/** The oldest major whose access method takes all of these members; 0 for all that are supported. */
export function membersMinServerMajor(accessMethod: string, members: readonly MemberRow[]): number {
  const known = newFunctions[accessMethod] ?? {};
  const majors = members.map(({ catalog, number }) => (catalog === 'pg_amproc' ? (known[number] ?? 0) : 0));
  return Math.max(0, ...majors);
}
