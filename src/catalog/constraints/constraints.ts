import { sqlFile } from '../../lib/sql-file.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { displayName, displayQualified } from '../display-name.ts';
import { address } from '../draft.ts';
import type { Address, Draft } from '../draft.ts';
import type { UnsupportedObject } from '../model.ts';
import type { IndexSettings } from '../indexes/index-settings.ts';
import { checkConstraint } from './check-constraint.ts';
import type { ConstraintRow } from './constraint-row.ts';
import { foreignKey } from './foreign-key.ts';
import { keyConstraint } from './key-constraint.ts';

const sql = sqlFile(import.meta.url, './constraints.sql');

export interface Constraints {
  readonly rows: readonly ConstraintRow[];
  readonly drafts: readonly Draft[];
  /** Constraints that another one brings along: clones of a foreign key, checks that a partition inherits. */
  readonly implied: ReadonlyMap<Address, Address>;
  readonly unsupported: readonly UnsupportedObject[];
}

export async function readConstraints(
  catalog: CatalogSession,
  settings: IndexSettings,
): Promise<Constraints> {
  const rows = await catalog.rows<ConstraintRow>(sql);
  const implied = new Map<Address, Address>();
  const drafts: Draft[] = [];
  for (const row of rows) {
    const own = address('pg_constraint', row.oid);
    switch (row.type) {
      case 'p':
      case 'u':
      case 'x':
        drafts.push(keyConstraint(row, settings));
        break;
      case 'f':
        if (row.parent === 0) drafts.push(foreignKey(row));
        else implied.set(own, address('pg_constraint', row.parent));
        break;
      case 'c': {
        const inline = row.validated && row.enforced;
        // ALTER TABLE on the parent brings it to the partition.
        if (!inline && !row.local) implied.set(own, address('pg_class', row.table));
        else drafts.push(checkConstraint(row, inline));
        break;
      }
      default:
        row.type satisfies never;
    }
  }
  return { rows, drafts, implied, unsupported: rows.flatMap((row) => obstacles(row)) };
}

function obstacles(row: ConstraintRow): UnsupportedObject[] {
  if (row.type === 'f' || row.tablespace === null) return [];
  const name = `${displayName(row.name)} on ${displayQualified(row.schema, row.tableName)}`;
  return [
    {
      identity: `constraint ${name} in tablespace ${displayName(row.tablespace)}`,
      table: `table:${row.table}`,
    },
  ];
}
