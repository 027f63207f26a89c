import { address, claim, draft } from '../draft.ts';
import type { Draft } from '../draft.ts';
import type { ConstraintRow } from './constraint-row.ts';
import { constraintNames } from './constraint-row.ts';

/** As it stands inside CREATE TABLE. */
export function checkClause(row: ConstraintRow): string {
  const { constraint } = constraintNames(row, 'check constraint');
  return `CONSTRAINT ${constraint} ${row.definition ?? ''}`;
}

/** `inline`: true for one that loaded rows must satisfy; NOT VALID and NOT ENFORCED ones come after the rows. */
export function checkConstraint(row: ConstraintRow, inline: boolean): Draft {
  const { table, constraint, identity, commentOn } = constraintNames(row, 'check constraint');
  const owner = `table:${row.table}`;
  return draft({
    id: `check constraint:${row.oid}`,
    kind: 'check constraint',
    schema: row.schema,
    name: row.name,
    identity,
    section: 'post-data',
    // Without ONLY: partitions get it from here.
    sql: `ALTER TABLE ${table} ADD ${checkClause(row)};`,
    dropSql: `ALTER TABLE ${table} DROP CONSTRAINT ${constraint};`,
    partOf: owner,
    needs: [owner],
    claims: [claim(address('pg_constraint', row.oid), identity, commentOn)],
    locks: [{ table: owner, mode: 'exclusive' }],
    inlineIn: inline ? owner : null,
    separateTo: 'post-data',
  });
}
