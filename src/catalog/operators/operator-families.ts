import { sqlFile } from '../../lib/sql-file.ts';
import { qualifiedName, quoteIdentifier } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { displayName, displayQualified } from '../display-name.ts';
import { address, claim, draft } from '../draft.ts';
import type { Draft } from '../draft.ts';
import { groupBy } from '../group-by.ts';
import {
  droppedMember,
  memberClaim,
  memberClause,
  membersMinServerMajor,
  readMembers,
} from './operator-members.ts';
import type { MemberRow } from './operator-members.ts';

const sql = sqlFile(import.meta.url, './operator-families.sql');

interface FamilyRow {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly owner: string;
  readonly accessMethod: string;
  /** False for those of PostgreSQL and of extensions. */
  readonly users: boolean;
}

/** Operator families with the members that no class makes, and what users added to families that are not theirs. */
export async function readOperatorFamilies(catalog: CatalogSession): Promise<readonly Draft[]> {
  const [all, rows] = await Promise.all([readMembers(catalog), catalog.rows<FamilyRow>(sql)]);
  const loose = groupBy(
    all.filter((row) => row.class === null),
    ({ family }) => family,
  );
  return rows.flatMap((row): Draft[] => {
    const members = loose.get(row.oid) ?? [];
    if (row.users) return [familyDraft(row, members)];
    const added = members.filter(({ users }) => users);
    return added.length === 0 ? [] : [additionsDraft(row, added)];
  });
}

function familyDraft(row: FamilyRow, members: readonly MemberRow[]): Draft {
  const name = signature(row);
  const identity = displayFamily(row);
  return draft({
    ...common(row, members),
    id: `operator family:${row.oid}`,
    identity,
    sql: [`CREATE ${name};`, ...additions(name, members)].join('\n'),
    dropSql: `DROP ${name};`,
    claims: [
      claim(address('pg_opfamily', row.oid), identity, name),
      ...members.map((member) => memberClaim(member, identity)),
    ],
    owner: { role: row.owner, alter: name },
  });
}

function additionsDraft(row: FamilyRow, members: readonly MemberRow[]): Draft {
  const name = signature(row);
  const identity = displayFamily(row);
  return draft({
    ...common(row, members),
    id: `operator family additions:${row.oid}`,
    identity: `additions to ${identity}`,
    sql: additions(name, members).join('\n'),
    dropSql: `ALTER ${name} DROP\n  ${members.map(droppedMember).join(',\n  ')};`,
    claims: members.map((member) => memberClaim(member, identity)),
  });
}

function common(row: FamilyRow, members: readonly MemberRow[]) {
  return {
    kind: 'operator family',
    schema: row.schema,
    name: row.name,
    section: 'pre-data',
    minServerMajor: membersMinServerMajor(row.accessMethod, members),
    superuser: true,
  } as const;
}

function additions(name: string, members: readonly MemberRow[]): string[] {
  return members.length === 0 ? [] : [`ALTER ${name} ADD\n  ${members.map(memberClause).join(',\n  ')};`];
}

function signature({ schema, name, accessMethod }: FamilyRow): string {
  return `OPERATOR FAMILY ${qualifiedName(schema, name)} USING ${quoteIdentifier(accessMethod)}`;
}

function displayFamily({ schema, name, accessMethod }: FamilyRow): string {
  return `operator family ${displayQualified(schema, name)} for ${displayName(accessMethod)}`;
}
