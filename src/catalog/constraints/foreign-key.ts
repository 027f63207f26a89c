import { address, claim, draft, relationId } from '../draft.ts';
import type { Draft } from '../draft.ts';
import type { TablesBelow } from '../tables/tables-below.ts';
import type { ConstraintRow } from './constraint-row.ts';
import { constraintNames } from './constraint-row.ts';

/**
 * ADD FOREIGN KEY locks both tables against each other's (SHARE ROW EXCLUSIVE conflicts with itself), and the partitions
 * of both.
 */
export function foreignKey(row: ConstraintRow, below: TablesBelow): Draft {
  const { owner, table, constraint, identity, commentOn } = constraintNames(row, 'foreign key');
  const partitioned = row.relkind === 'p';
  const ends = new Set([row.table, row.referenced]);
  const partitions = [...(partitioned ? below(row.table) : []), ...below(row.referenced)];
  return draft({
    id: `foreign key:${row.oid}`,
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
    claims: [claim(address('pg_constraint', row.oid), identity, commentOn)],
    locks: [...new Set([...ends, ...partitions])].map((oid) => ({
      table: relationId('r', oid),
      mode: 'exclusive' as const,
    })),
    minServerMajor: oldestServer(row),
  });
}

function oldestServer(row: ConstraintRow): number {
  const notValidOnPartitions = row.relkind === 'p' && !row.validated;
  if (row.period || !row.enforced || notValidOnPartitions) return 18;
  return row.setsColumns ? 15 : 0;
}
