import { address, claim, draft } from '../draft.ts';
import type { Draft } from '../draft.ts';
import type { ConstraintRow } from './constraint-row.ts';
import { constraintNames } from './constraint-row.ts';

/** As it stands inside CREATE TABLE. */
export function checkClause(row: ConstraintRow): string {
  const { constraint } = constraintNames(row, 'check constraint');
  return `CONSTRAINT ${constraint} ${row.definition ?? ''}`;
}

/**
 * Whether it may stand inside CREATE TABLE, so that loaded rows must satisfy it. NOT VALID and NOT ENFORCED
 * constraints come after the rows. So do those that may read other tables, because tables are loaded in any order.
 */
export function isInlineCheck({ validated, enforced, looksAround }: ConstraintRow): boolean {
  return validated && enforced && !looksAround;
}

export interface CheckFamily {
  /** The same constraint of the tables this one inherits from or is part of. */
  readonly above: readonly ConstraintRow[];
  /** The same constraint of the tables that get it from here. */
  readonly below: readonly ConstraintRow[];
  /**
   * It is valid although those above are not, because this table alone was validated (`first`), or one above it was
   * validated in that way.
   */
  readonly validated: 'first' | 'with another' | null;
}

export function checkConstraint(row: ConstraintRow, { above, below, validated }: CheckFamily): Draft {
  const { owner, table, constraint, identity, commentOn } = constraintNames(row, 'check constraint');
  const fields = {
    id: checkId(row),
    kind: 'check constraint',
    schema: row.schema,
    name: row.name,
    identity,
    partOf: owner,
    claims: [claim(address('pg_constraint', row.oid), identity, commentOn)],
    locks: [row, ...below].map((one) => ({
      table: constraintNames(one, 'check constraint').owner,
      mode: 'exclusive' as const,
    })),
    minServerMajor: row.enforced ? 0 : 18,
  } as const;
  const inline = isInlineCheck(row);
  if (validated !== null) {
    return draft({
      ...fields,
      section: 'post-data',
      // Validating a table validates the tables below it as well.
      sql: validated === 'first' ? `ALTER TABLE ${table} VALIDATE CONSTRAINT ${constraint};` : '',
      dropSql: null,
      needs: [owner, ...above.map(checkId)],
    });
  }
  if (!row.local && !(row.partition && inline)) {
    // The parent's statement makes it: it has no statement of its own, but a place in the order for its comment.
    return draft({
      ...fields,
      section: inline ? 'pre-data' : 'post-data',
      sql: '',
      dropSql: null,
      needs: [owner, ...above.map(checkId)],
      postponable: true,
    });
  }
  return draft({
    ...fields,
    section: 'post-data',
    // Without ONLY, so that partitions and children get it from here. A constraint that a child has itself comes
    // first, because it is dropped last.
    sql: `ALTER TABLE ${table} ADD ${checkClause(row)};`,
    dropSql: `ALTER TABLE ${table} DROP CONSTRAINT ${constraint};`,
    needs: [
      owner,
      ...(inline ? [] : below.filter((child) => child.local && !isInlineCheck(child)).map(checkId)),
    ],
    inlineIn: inline ? owner : null,
    separateTo: 'post-data',
  });
}

function checkId({ oid }: ConstraintRow): string {
  return `check constraint:${oid}`;
}
