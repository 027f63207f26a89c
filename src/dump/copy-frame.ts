import { qualifiedName } from '../postgres/identifiers.ts';
import { copyColumns } from '../postgres/rows.ts';

interface CopyTable {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly generated: boolean }[];
  readonly loadThrough: { readonly schema: string; readonly name: string } | null;
}

/** `COPY … FROM stdin`, through the partition root where the server must choose the partition anew. */
export function copyFromSql(table: CopyTable): string {
  const { schema, name } = table.loadThrough ?? table;
  return `COPY ${qualifiedName(schema, name)}${copyColumns(table.columns)} FROM stdin`;
}

/** What stands around the rows of a data block, so that psql can run it. */
export function copyHead(table: CopyTable): Buffer {
  return Buffer.from(`${copyFromSql(table)};\n`);
}

export const copyTail: Buffer = Buffer.from('\\.\n\n');
