import { qualifiedName, quoteLiteral } from '../../postgres/identifiers.ts';
import { optionList } from '../storage-options.ts';
import type { ConstraintRow } from './constraint-row.ts';
import { constraintNames } from './constraint-row.ts';

/**
 * Keys without overlaps and exclusion constraints of partitioned tables: no server attaches the index of a partition to
 * theirs (`The index definitions do not match`, which is why pg_dump cannot restore them). The statement of the root
 * makes those of all partitions, under names of the server's choice.
 */
export function isHandedDown(row: ConstraintRow): boolean {
  return row.attached && excludes(row);
}

/**
 * How many of its partitions have it. Made with ONLY, no partition that existed then has it, but partitions made
 * later do, and no statement makes one without the others.
 */
export function handsDown(
  row: ConstraintRow,
  { partitions, parts }: { readonly partitions: number; readonly parts: number },
): 'to all' | 'to none' | 'to some' | null {
  if (row.relkind !== 'p' || !excludes(row)) return null;
  if (parts === partitions) return 'to all';
  return parts === 0 ? 'to none' : 'to some';
}

function excludes({ type, period }: ConstraintRow): boolean {
  return type === 'x' || period;
}

/** Gives the constraint that the parent's statement has made its name and its index's parameters. */
export function handedDownStatements(row: ConstraintRow, parent: ConstraintRow): string[] {
  const own = constraintNames(row, '');
  const above = constraintNames(parent, '');
  const body = `DECLARE
  made name;
BEGIN
  SELECT k.conname INTO made
  FROM pg_catalog.pg_constraint AS k
  JOIN pg_catalog.pg_constraint AS p ON p.oid = k.conparentid
  WHERE k.conrelid = ${quoteLiteral(own.table)}::regclass
    AND p.conrelid = ${quoteLiteral(above.table)}::regclass AND p.conname = ${quoteLiteral(parent.name)};
  IF made <> ${quoteLiteral(row.name)} THEN
    EXECUTE pg_catalog.format('ALTER TABLE %s RENAME CONSTRAINT %I TO %I', ${quoteLiteral(own.table)}, made, ${quoteLiteral(row.name)});
  END IF;
END`;
  const options = optionList(row.indexOptions);
  const index = qualifiedName(row.schema, row.indexName ?? row.name);
  return [
    `DO LANGUAGE plpgsql ${quoteLiteral(body)};`,
    ...(options.length === 0 ? [] : [`ALTER INDEX ${index} SET (${options.join(', ')});`]),
  ];
}
