import { displayName } from '../display-name.ts';
import type { NewTable } from './create-table.ts';
import { parentColumns, parentsAgree } from './inheritance.ts';
import type { ParentColumn } from './inheritance.ts';

/** Why a table cannot be made again, in words. */
export function tableObstacles(
  { row, columns, defaults, parents }: NewTable,
  order: readonly string[],
): string[] {
  const obstacles: string[] = [];
  if (row.rowsAreValues && columns.some(({ name }, index) => name !== order[index])) {
    // A stored row is a list of values without names: they would change places.
    obstacles.push(
      `whose columns come out in the order ${order.map(displayName).join(', ')}, while its rows are values ` +
        'of other tables or types',
    );
  }
  if (row.detachPending) {
    // It would be attached in the copy, with its rows back in the parent.
    obstacles.push('whose detachment is pending (ALTER TABLE … DETACH PARTITION … FINALIZE ends it)');
  }
  for (const column of columns) {
    const said = parentColumns(parents, column.name);
    obstacles.push(...storageConflicts(column.name, said));
    if (column.local || row.partition || parentsAgree(said)) continue;
    const remedy = defaults.has(column.number) ? 'SET DEFAULT on the parents' : 'DROP DEFAULT on the parents';
    obstacles.push(
      `whose parents give column ${displayName(column.name)} different defaults (${remedy} makes them one)`,
    );
  }
  return obstacles;
}

/** Whatever the child itself says, CREATE TABLE refuses parents that store a column differently. */
function storageConflicts(name: string, said: readonly ParentColumn[]): string[] {
  const storages = new Set(said.map(({ column }) => column.storage ?? column.typeStorage));
  const compressions = new Set(said.flatMap(({ column }) => column.compression ?? []));
  return [
    ...(storages.size > 1 ? [['storage', 'SET STORAGE']] : []),
    ...(compressions.size > 1 ? [['compression', 'SET COMPRESSION']] : []),
  ].map(
    ([what, remedy]) =>
      `whose parents give column ${displayName(name)} different ${what} (${remedy} on the parents makes it one)`,
  );
}
