import { sqlFile } from '../../lib/sql-file.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { address, relationId } from '../draft.ts';
import type { Address, Draft } from '../draft.ts';
import { groupBy } from '../group-by.ts';
import type { IndexSettings } from '../indexes/index-settings.ts';
import { placed } from '../storage-options.ts';
import type { TableRow } from '../tables/table-row.ts';
import { tablesBelow } from '../tables/tables-below.ts';
import { checkConstraint } from './check-constraint.ts';
import type { CheckFamily } from './check-constraint.ts';
import type { ConstraintRow } from './constraint-row.ts';
import { foreignKey } from './foreign-key.ts';
import { keyConstraint } from './key-constraint.ts';

const sql = sqlFile(import.meta.url, './constraints.sql');

export interface Constraints {
  readonly rows: readonly ConstraintRow[];
  readonly drafts: readonly Draft[];
  /** Constraints that another one brings along: clones of a foreign key. */
  readonly implied: ReadonlyMap<Address, Address>;
}

export async function readConstraints(
  catalog: CatalogSession,
  settings: IndexSettings,
  tables: readonly TableRow[],
  tablespaces: boolean,
): Promise<Constraints> {
  const rows = placed(await catalog.rows<ConstraintRow>(sql), tablespaces);
  const implied = new Map<Address, Address>();
  const drafts: Draft[] = [];
  const below = tablesBelow(tables);
  const byOid = new Map(rows.map((row) => [row.oid, row]));
  const familyOf = checkFamilies(rows, tables);
  for (const row of rows) {
    switch (row.type) {
      case 'p':
      case 'u':
      case 'x':
        drafts.push(
          keyConstraint(row, settings, {
            parent: byOid.get(row.parent),
            below: below(row.table).map((oid) => relationId('r', oid)),
          }),
        );
        break;
      case 'f':
        if (row.parent === 0) drafts.push(foreignKey(row, below));
        else implied.set(address('pg_constraint', row.oid), address('pg_constraint', row.parent));
        break;
      case 'c':
        drafts.push(checkConstraint(row, familyOf(row)));
        break;
      default:
        row.type satisfies never;
    }
  }
  return { rows, drafts, implied };
}

/**
 * A CHECK is handed down by its name; one that is NO INHERIT has nobody of its name below it. What a table gets from one of
 * an extension is there as soon as it is made.
 */
function checkFamilies(
  rows: readonly ConstraintRow[],
  tables: readonly TableRow[],
): (row: ConstraintRow) => CheckFamily {
  const checks = groupBy(
    rows.filter(({ type }) => type === 'c'),
    ({ name }) => name,
  );
  const parents = new Map(tables.map((table) => [table.oid, table.parents]));
  const below = tablesBelow(tables);
  return (row) => {
    const others = (checks.get(row.name) ?? []).filter(({ table }) => table !== row.table);
    if (others.length === 0) return { above: [], below: [] };
    const own = new Set(parents.get(row.table) ?? []);
    const children = new Set(below(row.table));
    return {
      above: others.filter(({ table }) => own.has(table) && parents.has(table)),
      below: others.filter(({ table }) => children.has(table)),
    };
  };
}
