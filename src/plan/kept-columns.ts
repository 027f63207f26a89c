import { SyncError } from '../errors/sync-error.ts';
import type { KeptTable } from './import-plan.ts';
import { typeThere } from './schema-names.ts';
import type { SchemaNames } from './schema-names.ts';
import { tableName } from '../lib/table-name.ts';

export interface KeptColumns {
  /** A sentence for each column that only one side has, with its consequence. */
  readonly decisions: readonly string[];
  /** Columns for which kept rows have no value. It matters only if the target's table has rows. */
  readonly impossible: readonly { readonly column: string; readonly live: NonNullable<KeptTable['live']> }[];
}

/**
 * How kept rows fit the new definition of their tables, by the names of columns. TARGET_KEPT_TABLE names each column
 * that is missing there, has another type, or is generated on one side only. A new column takes its default, NULL or
 * its generated value; a sentence says so.
 */
export function keptColumns(keep: readonly KeptTable[], names: SchemaNames | null): KeptColumns {
  // Renamed there and back, because the server may quote a schema's name where we do not.
  const written = (type: string): string => typeThere(typeThere(type, names), names);
  const faults: string[] = [];
  const decisions: string[] = [];
  const impossible: { column: string; live: NonNullable<KeptTable['live']> }[] = [];
  for (const { table, live } of keep) {
    if (live === null) continue;
    const where = (name: string): string => `${tableName(live)}.${name}`;
    for (const column of live.columns) {
      const place = table.columns.find(({ name }) => name === column.name);
      if (place === undefined) faults.push(`${where(column.name)} does not exist in the source’s definition`);
      else if (written(place.type) !== written(column.type))
        faults.push(`${where(column.name)} is ${column.type} here and ${place.type} in the source`);
      else if (place.generated !== column.generated)
        faults.push(`${where(column.name)} is generated on one side only`);
    }
    for (const { name, notNull, generated, hasDefault } of table.columns) {
      if (live.columns.some((column) => column.name === name)) continue;
      if (!generated && notNull && !hasDefault) impossible.push({ column: where(name), live });
      decisions.push(`${where(name)} is new: kept rows ${becomes(generated, hasDefault)}.`);
    }
  }
  if (faults.length === 0) return { decisions, impossible };
  throw new SyncError(
    'TARGET_KEPT_TABLE',
    `Rows that must be kept do not fit the source’s definition: ${faults.join('; ')}.`,
    {
      details: { columns: faults },
      hint: 'Bring both schemas to the same migration first.',
    },
  );
}

function becomes(generated: boolean, hasDefault: boolean): string {
  if (generated) return 'get what it computes';
  return hasDefault ? 'get its default' : 'get NULL';
}

/** TARGET_KEPT_TABLE for columns that must have a value, but for which the target's rows have none. */
export function refuseImpossible(columns: readonly string[]): void {
  if (columns.length === 0) return;
  const faults = columns.map((column) => `${column} is NOT NULL, has no default, and does not exist here`);
  throw new SyncError(
    'TARGET_KEPT_TABLE',
    `Rows that must be kept do not fit the source’s definition: ${faults.join('; ')}.`,
    {
      details: { columns: faults },
      hint: 'Bring both schemas to the same migration first, or give the column a default.',
    },
  );
}
