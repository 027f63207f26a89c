import { qualifiedName, quoteIdentifier } from '../postgres/identifiers.ts';

interface CopyTable {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly generated: boolean }[];
  readonly loadThrough: { readonly schema: string; readonly name: string } | null;
}

/** Columns a COPY carries: generated ones are computed by the target. */
function copyColumns(table: CopyTable): string {
  const names = table.columns.filter(({ generated }) => !generated).map(({ name }) => quoteIdentifier(name));
  // A table without such columns takes no list; each of its rows is an empty line.
  return names.length === 0 ? '' : ` (${names.join(', ')})`;
}

/** `COPY … TO STDOUT` of a table's own rows. */
export function copyToSql(table: CopyTable): string {
  return `COPY ${qualifiedName(table.schema, table.name)}${copyColumns(table)} TO STDOUT`;
}

/** `COPY … FROM stdin`, through the partition root where the server must choose the partition anew. */
export function copyFromSql(table: CopyTable): string {
  const { schema, name } = table.loadThrough ?? table;
  return `COPY ${qualifiedName(schema, name)}${copyColumns(table)} FROM stdin`;
}

/** What stands around the rows of a data block, so that psql can run it. */
export function copyHead(table: CopyTable): Buffer {
  return Buffer.from(`${copyFromSql(table)};\n`);
}

export const copyTail: Buffer = Buffer.from('\\.\n\n');
