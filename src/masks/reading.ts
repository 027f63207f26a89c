import { quoteIdentifier } from '../postgres/identifiers.ts';

/** A table as it is read: some of its columns are something else, and some of its rows are left out. */
export interface ReadTable {
  /** What stands after FROM: the table, with its name as its alias. */
  readonly from: string;
  readonly name: string;
  readonly columns: readonly ReadColumn[];
  /** All of them must hold; over the table's own columns. */
  readonly conditions: readonly string[];
}

export interface ReadColumn {
  readonly name: string;
  readonly type: string;
  /** What is in its place; null where it is read as it is. */
  readonly mask: string | null;
  /** Computed from columns that are masked: its expression, computed again. */
  readonly again: string | null;
}

/**
 * The SELECT that reads a table masked: what the server computes from masked columns is computed from the masks, as
 * the target will do. Pure.
 */
export function readingSql({ from, name, columns, conditions }: ReadTable): string {
  const inner = columns
    .filter(({ again }) => again === null)
    .map(({ name: column, mask }) => {
      const quoted = quoteIdentifier(column);
      return mask === null ? quoted : `${mask} AS ${quoted}`;
    });
  const where = conditions.length === 0 ? '' : `\nWHERE ${conditions.join('\n  AND ')}`;
  const rows = `SELECT ${inner.join(', ')} FROM ${from} AS ${quoteIdentifier(name)}${where}`;
  if (columns.every(({ again }) => again === null)) return rows;
  const outer = columns.map(({ name: column, type, again }) =>
    again === null ? quoteIdentifier(column) : `CAST((${again}) AS ${type}) AS ${quoteIdentifier(column)}`,
  );
  return `SELECT ${outer.join(', ')}\nFROM (${rows}\nOFFSET 0) AS ${quoteIdentifier(name)}`;
}
