import { address, claim, draft, relationId } from '../draft.ts';
import type { Address, Draft } from '../draft.ts';
import type { Reference } from '../model.ts';
import type { TablesBelow } from '../tables/tables-below.ts';
import type { ConstraintRow } from './constraint-row.ts';
import { constraintNames } from './constraint-row.ts';

export interface ForeignKeys {
  readonly drafts: readonly Draft[];
  /** Constraints that another one brings along. */
  readonly implied: ReadonlyMap<Address, Address>;
}

/**
 * Foreign keys. One of a partitioned table has a part on each partition, which comes with it; one to a partitioned
 * table has a row for each partition that is referenced. A part may be more than that:
 *
 * - It has a name of its own, because it was there before: made first, it is taken for the part.
 * - It is valid while that of the partitioned table is not (18): validated afterwards.
 */
export function foreignKeys(constraints: readonly ConstraintRow[], below: TablesBelow): ForeignKeys {
  const rows = constraints.filter(({ type }) => type === 'f');
  const byOid = new Map(rows.map((row) => [row.oid, row]));
  const implied = new Map<Address, Address>();
  const drafts = new Map<number, Draft>();
  const parts = new Map<number, ConstraintRow[]>();
  for (const row of rows) {
    const parent = byOid.get(row.parent);
    if (parent === undefined) drafts.set(row.oid, foreignKey(row, below));
    else if (parent.table === row.table || row.name === parent.name)
      implied.set(address('pg_constraint', row.oid), address('pg_constraint', parent.oid));
    else drafts.set(row.oid, { ...foreignKey(row, below), dropSql: null });
    if (parent !== undefined && parent.table !== row.table)
      parts.set(parent.oid, [...(parts.get(parent.oid) ?? []), row]);
  }
  /** The nearest constraint with a statement of its own, the part itself included. */
  const madeBy = (row: ConstraintRow): number => {
    const parent = byOid.get(row.parent);
    return drafts.has(row.oid) || parent === undefined ? row.oid : madeBy(parent);
  };
  const made = rows.map((row): readonly Draft[] => {
    const own = drafts.get(row.oid);
    const parent = byOid.get(row.parent);
    if (own === undefined) return isValidatedAlone(row, parent) ? [validation(row, madeBy(row))] : [];
    const all = partsBelow(row.oid, parts);
    const claims = all.filter((part) => madeBy(part) === row.oid).map((part) => claimOf(part));
    const first = all.filter((part) => drafts.has(part.oid)).map(({ oid }) => keyId(oid));
    return [{ ...own, claims: [...own.claims, ...claims], needs: [...own.needs, ...first] }];
  });
  return { drafts: made.flat(), implied };
}

function keyId(oid: number): string {
  return `foreign key:${oid}`;
}

function claimOf(row: ConstraintRow) {
  const { identity, commentOn } = constraintNames(row, 'foreign key');
  return claim(address('pg_constraint', row.oid), identity, commentOn);
}

function partsBelow(
  oid: number,
  parts: ReadonlyMap<number, readonly ConstraintRow[]>,
): readonly ConstraintRow[] {
  return (parts.get(oid) ?? []).flatMap((part) => [part, ...partsBelow(part.oid, parts)]);
}

function isValidatedAlone(row: ConstraintRow, parent: ConstraintRow | undefined): boolean {
  return parent !== undefined && row.table !== parent.table && row.validated && !parent.validated;
}

/** The part of a NOT VALID foreign key that was validated on a partition alone, and on all that is below it. */
function validation(row: ConstraintRow, madeBy: number): Draft {
  const { owner, table, constraint, identity } = constraintNames(row, 'foreign key');
  return draft({
    id: keyId(row.oid),
    kind: 'foreign key',
    schema: row.schema,
    name: row.name,
    identity: `validation of ${identity}`,
    section: 'post-data',
    sql: `ALTER TABLE ${table} VALIDATE CONSTRAINT ${constraint};`,
    dropSql: null,
    partOf: owner,
    needs: [owner, relationId('r', row.referenced), keyId(madeBy)],
    locks: [row.table, row.referenced].map((oid) => ({
      table: relationId('r', oid),
      mode: 'exclusive' as const,
    })),
    minServerMajor: 18,
    reference: referenceOf(row),
  });
}

/** Undefined where existing rows are not asked. */
function referenceOf(row: ConstraintRow): Reference | undefined {
  const { references, validated, enforced, period } = row;
  if (references === null || !validated || !enforced) return undefined;
  return {
    table: relationId(row.relkind, row.table),
    referenced: relationId('r', row.referenced),
    columns: references,
    full: row.matchFull,
    ...(period ? { period } : {}),
  };
}

/**
 * ADD FOREIGN KEY locks both tables against each other's (SHARE ROW EXCLUSIVE conflicts with itself), and the
 * partitions of both.
 */
function foreignKey(row: ConstraintRow, below: TablesBelow): Draft {
  const { owner, table, constraint, identity } = constraintNames(row, 'foreign key');
  const partitioned = row.relkind === 'p';
  const ends = new Set([row.table, row.referenced]);
  const partitions = [...(partitioned ? below(row.table) : []), ...below(row.referenced)];
  return draft({
    id: keyId(row.oid),
    kind: 'foreign key',
    schema: row.schema,
    name: row.name,
    identity,
    section: 'post-data',
    // A partitioned table refuses ONLY here.
    sql: `ALTER TABLE ${partitioned ? '' : 'ONLY '}${table} ADD CONSTRAINT ${constraint} ${row.definition ?? ''};`,
    dropSql: `ALTER TABLE ${table} DROP CONSTRAINT ${constraint};`,
    partOf: owner,
    needs: [...ends].map((oid) => relationId('r', oid)),
    claims: [claimOf(row)],
    locks: [...new Set([...ends, ...partitions])].map((oid) => ({
      table: relationId('r', oid),
      mode: 'exclusive' as const,
    })),
    minServerMajor: oldestServer(row),
    reference: referenceOf(row),
  });
}

function oldestServer(row: ConstraintRow): number {
  const notValidOnPartitions = row.relkind === 'p' && !row.validated;
  if (row.period || !row.enforced || notValidOnPartitions) return 18;
  return row.setsColumns ? 15 : 0;
}
