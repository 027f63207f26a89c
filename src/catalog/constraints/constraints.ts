import { sqlFile } from '../../lib/sql-file.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { relationId } from '../draft.ts';
import type { Address, Draft } from '../draft.ts';
import { groupBy } from '../group-by.ts';
import type { IndexSettings } from '../indexes/index-settings.ts';
import { placed } from '../storage-options.ts';
import type { UnsupportedObject } from '../model.ts';
import type { TableRow } from '../tables/table-row.ts';
import { unsupported } from '../unsupported/unsupported.ts';
import { tablesBelow } from '../tables/tables-below.ts';
import { checkConstraint, isInlineCheck } from './check-constraint.ts';
import type { CheckFamily } from './check-constraint.ts';
import type { ConstraintRow } from './constraint-row.ts';
import { foreignKeys } from './foreign-key.ts';
import { handsDown } from './handed-down-key.ts';
import { keyConstraint, keyId } from './key-constraint.ts';

const sql = sqlFile(import.meta.url, './constraints.sql');

export interface Constraints {
  readonly rows: readonly ConstraintRow[];
  readonly drafts: readonly Draft[];
  /** Constraints that another one brings along: clones of a foreign key. */
  readonly implied: ReadonlyMap<Address, Address>;
  readonly unsupported: readonly UnsupportedObject[];
}

export async function readConstraints(
  catalog: CatalogSession,
  settings: IndexSettings,
  tables: readonly TableRow[],
  tablespaces: boolean,
): Promise<Constraints> {
  const rows = placed(await catalog.rows<ConstraintRow>(sql), tablespaces);
  const obstacles: UnsupportedObject[] = [];
  const partsOf = groupBy(rows, ({ parent }) => parent);
  const partitionsOf = groupBy(
    tables.filter(({ partition }) => partition),
    ({ parents }) => parents[0] ?? 0,
  );
  const drafts: Draft[] = [];
  const below = tablesBelow(tables);
  const byOid = new Map(rows.map((row) => [row.oid, row]));
  const familyOf = checkFamilies(rows, tables);
  for (const row of rows) {
    switch (row.type) {
      case 'p':
      case 'u':
      case 'x':
        {
          const handed = handsDown(row, {
            partitions: partitionsOf.get(row.table)?.length ?? 0,
            parts: partsOf.get(row.oid)?.length ?? 0,
          });
          const key = keyConstraint(row, settings, {
            parent: byOid.get(row.parent),
            below: below(row.table).map((oid) => relationId('r', oid)),
            makesParts: handed === 'to all',
          });
          drafts.push(key);
          if (handed === 'to some') {
            const obstacle =
              'which only some of its partitions have (add it to all of them, or drop it from them)';
            obstacles.push(
              unsupported(key.identity, {
                obstacle,
                table: key.partOf,
                objects: [row, ...(partsOf.get(row.oid) ?? [])].map((one) => keyId(one)),
              }),
            );
          }
        }
        break;
      case 'f':
        break;
      case 'c':
        drafts.push(checkConstraint(row, familyOf(row)));
        break;
      default:
        row.type satisfies never;
    }
  }
  const keys = foreignKeys(rows, below);
  return {
    rows,
    drafts: [...drafts, ...keys.drafts],
    implied: keys.implied,
    unsupported: obstacles,
  };
}

/**
 * A CHECK is inherited by its name; a NO INHERIT one has no namesake below. A constraint inherited from an
 * extension's table exists as soon as the table is made.
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
  const aboveOf = (row: ConstraintRow, others: readonly ConstraintRow[]): readonly ConstraintRow[] => {
    const own = new Set(parents.get(row.table) ?? []);
    return others.filter(({ table }) => own.has(table) && parents.has(table));
  };
  const validatedOf = (row: ConstraintRow, others: readonly ConstraintRow[]): CheckFamily['validated'] => {
    if (row.local || !row.validated || !row.enforced || (row.partition && isInlineCheck(row))) return null;
    const above = aboveOf(row, others);
    const alone = above.map((one) => validatedOf(one, others));
    if (above.length === 0 || !above.every((one, at) => !one.validated || alone[at] !== null)) return null;
    return alone.every((one) => one === null) ? 'first' : 'with another';
  };
  return (row) => {
    const named = checks.get(row.name) ?? [];
    const others = named.filter(({ table }) => table !== row.table);
    if (others.length === 0) return { above: [], below: [], validated: null };
    const children = new Set(below(row.table));
    return {
      above: aboveOf(row, others),
      below: others.filter(({ table }) => children.has(table)),
      validated: validatedOf(row, named),
    };
  };
}
