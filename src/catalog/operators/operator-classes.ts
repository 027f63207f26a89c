import { sqlFile } from '../../lib/sql-file.ts';
import { qualifiedName, quoteIdentifier } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { displayName, displayQualified } from '../display-name.ts';
import { address, claim, draft } from '../draft.ts';
import type { Draft } from '../draft.ts';
import { groupBy } from '../group-by.ts';
import { memberClaim, memberClause, membersMinServerMajor, readMembers } from './operator-members.ts';
import type { MemberRow } from './operator-members.ts';

const sql = sqlFile(import.meta.url, './operator-classes.sql');

interface ClassRow {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly owner: string;
  readonly accessMethod: string;
  readonly familySchema: string;
  readonly familyName: string;
  readonly default: boolean;
  readonly type: string;
  /** Type of what the index holds, where it is another one. */
  readonly storage: string | null;
}

export async function readOperatorClasses(catalog: CatalogSession): Promise<readonly Draft[]> {
  const [all, rows] = await Promise.all([readMembers(catalog), catalog.rows<ClassRow>(sql)]);
  const members = groupBy(all, (row) => row.class);
  return rows.map((row) => classDraft(row, members.get(row.oid) ?? []));
}

function classDraft(row: ClassRow, members: readonly MemberRow[]): Draft {
  const accessMethod = quoteIdentifier(row.accessMethod);
  const name = qualifiedName(row.schema, row.name);
  const signature = `OPERATOR CLASS ${name} USING ${accessMethod}`;
  const identity = `operator class ${displayQualified(row.schema, row.name)} for ${displayName(row.accessMethod)}`;
  const items = members.map(memberClause);
  // The syntax asks for something; storing the type itself is what happens anyway.
  const storage = row.storage ?? (items.length === 0 ? row.type : null);
  const header = [
    `CREATE OPERATOR CLASS ${name}`,
    `${row.default ? 'DEFAULT ' : ''}FOR TYPE ${row.type}`,
    `USING ${accessMethod} FAMILY ${qualifiedName(row.familySchema, row.familyName)} AS`,
  ].join(' ');
  const list = [...(storage === null ? [] : [`STORAGE ${storage}`]), ...items].join(',\n  ');
  return draft({
    id: `operator class:${row.oid}`,
    kind: 'operator class',
    schema: row.schema,
    name: row.name,
    identity,
    section: 'pre-data',
    sql: `${header}\n  ${list};`,
    dropSql: `DROP ${signature};`,
    claims: [
      claim(address('pg_opclass', row.oid), identity, signature),
      ...members.map((member) => memberClaim(member, identity)),
    ],
    owner: { role: row.owner, alter: signature },
    minServerMajor: membersMinServerMajor(row.accessMethod, members),
    superuser: true,
  });
}
