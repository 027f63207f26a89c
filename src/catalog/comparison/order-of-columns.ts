/** A table's statement with its lines sorted: equal for tables whose columns differ in order alone. */
export function withoutOrderOfColumns(sql: string): string {
  return sql
    .split('\n')
    .map((line) => line.replace(/,$/, ''))
    .toSorted()
    .join('\n');
}
