import { address, claim, draft } from '../draft.ts';
import type { Draft } from '../draft.ts';
import type { ConstraintRow } from './constraint-row.ts';
import { constraintNames } from './constraint-row.ts';

/** ADD FOREIGN KEY locks both tables against each other's (SHARE ROW EXCLUSIVE conflicts with itself). */
export function foreignKey(row: ConstraintRow): Draft {
  const { table, constraint, identity, commentOn } = constraintNames(row, 'foreign key');
  const owner = `table:${row.table}`;
  const referenced = `table:${row.referenced}`;
  const tables = owner === referenced ? [owner] : [owner, referenced];
  // A partitioned table refuses ONLY here.
  const only = row.relkind === 'p' ? '' : 'ONLY ';
  return draft({
    id: `foreign key:${row.oid}`,
    kind: 'foreign key',
    schema: row.schema,
    name: row.name,
    identity,
    section: 'post-data',
    sql: `ALTER TABLE ${only}${table} ADD CONSTRAINT ${constraint} ${row.definition ?? ''};`,
    dropSql: `ALTER TABLE ${table} DROP CONSTRAINT ${constraint};`,
    partOf: owner,
    needs: tables,
    claims: [claim(address('pg_constraint', row.oid), identity, commentOn)],
    locks: tables.map((id) => ({ table: id, mode: 'exclusive' as const })),
  });
}
