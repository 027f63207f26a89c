import { sqlFile } from '../../lib/sql-file.ts';
import { qualifiedName, quoteIdentifier } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { groupBy } from '../group-by.ts';
import { displayName, displayQualified } from '../display-name.ts';
import { address, claim, draft } from '../draft.ts';
import type { Draft, IsSeparate } from '../draft.ts';

const sql = sqlFile(import.meta.url, './domains.sql');
const constraintsSql = sqlFile(import.meta.url, './domain-constraints.sql');

interface DomainRow {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly owner: string;
  readonly base: string;
  readonly collationSchema: string | null;
  readonly collation: string | null;
  readonly default: string | null;
  /** It has no default although its base type has one, which a new domain would take over. */
  readonly defaultDropped: boolean;
  readonly notNull: boolean;
  readonly notNullOid: number | null;
  readonly notNullName: string | null;
}

interface ConstraintRow {
  readonly oid: number;
  readonly domain: number;
  readonly name: string;
  readonly definition: string;
  readonly validated: boolean;
}

export async function readDomains(catalog: CatalogSession): Promise<readonly Draft[]> {
  const [domains, rows] = await Promise.all([
    catalog.rows<DomainRow>(sql),
    catalog.rows<ConstraintRow>(constraintsSql),
  ]);
  const constraints = groupBy(rows, (row) => row.domain);
  return domains.flatMap((domain) => {
    const checks = (constraints.get(domain.oid) ?? []).map((row) => checkDraft(domain, row));
    return [domainDraft(domain, checks), ...checks.map(({ part }) => part)];
  });
}

interface Check {
  readonly row: ConstraintRow;
  readonly part: Draft;
}

function domainDraft(row: DomainRow, checks: readonly Check[]): Draft {
  const quoted = qualifiedName(row.schema, row.name);
  const identity = `domain ${displayQualified(row.schema, row.name)}`;
  const claims = [claim(address('pg_type', row.oid), identity, `DOMAIN ${quoted}`)];
  if (row.notNullOid !== null && row.notNullName !== null) {
    claims.push(
      claim(
        address('pg_constraint', row.notNullOid),
        `constraint ${displayName(row.notNullName)} on ${identity}`,
        `CONSTRAINT ${quoteIdentifier(row.notNullName)} ON DOMAIN ${quoted}`,
        null,
        17,
      ),
    );
  }
  const sql = (isSeparate: IsSeparate): string => {
    const lines = [`CREATE DOMAIN ${quoted} AS ${row.base}`];
    if (row.collation !== null && row.collationSchema !== null) {
      lines.push(`COLLATE ${qualifiedName(row.collationSchema, row.collation)}`);
    }
    if (row.default !== null) lines.push(`DEFAULT ${row.default}`);
    if (row.notNull) lines.push(`${notNullName(row)}NOT NULL`);
    for (const { row: check, part } of checks) {
      if (part.inlineIn !== null && !isSeparate(part.id)) {
        lines.push(`CONSTRAINT ${quoteIdentifier(check.name)} ${check.definition}`);
      }
    }
    const noDefault = row.defaultDropped ? `\nALTER DOMAIN ${quoted} DROP DEFAULT;` : '';
    return `${lines.join('\n  ')};${noDefault}`;
  };
  return draft({
    id: `domain:${row.oid}`,
    kind: 'domain',
    schema: row.schema,
    name: row.name,
    identity,
    section: 'pre-data',
    sql,
    dropSql: `DROP DOMAIN ${quoted};`,
    claims,
    owner: { role: row.owner, alter: `DOMAIN ${quoted}` },
  });
}

/** The name is written only where the target would not choose it by itself, as servers before 17 have none. */
function notNullName({ name, notNullName }: DomainRow): string {
  return notNullName === null || notNullName === `${name}_not_null`
    ? ''
    : `CONSTRAINT ${quoteIdentifier(notNullName)} `;
}

function checkDraft(domain: DomainRow, row: ConstraintRow): Check {
  const quoted = qualifiedName(domain.schema, domain.name);
  const constraint = quoteIdentifier(row.name);
  const identity = `check constraint ${displayName(row.name)} on domain ${displayQualified(domain.schema, domain.name)}`;
  const owner = `domain:${domain.oid}`;
  const part = draft({
    id: `domain check:${row.oid}`,
    kind: 'check constraint',
    schema: domain.schema,
    name: row.name,
    identity,
    section: row.validated ? 'pre-data' : 'post-data',
    sql: `ALTER DOMAIN ${quoted} ADD CONSTRAINT ${constraint} ${row.definition};`,
    dropSql: `ALTER DOMAIN ${quoted} DROP CONSTRAINT ${constraint};`,
    partOf: owner,
    needs: [owner],
    claims: [
      claim(address('pg_constraint', row.oid), identity, `CONSTRAINT ${constraint} ON DOMAIN ${quoted}`),
    ],
    // CREATE DOMAIN has no NOT VALID: such a check always stands alone.
    inlineIn: row.validated ? owner : null,
    separateTo: 'pre-data',
    postponable: true,
  });
  return { row, part };
}
