import { qualifiedName } from '../postgres/identifiers.ts';
import { copyColumns } from '../postgres/rows.ts';
import { emptySearchPath, setSearchPath } from '../postgres/search-path.ts';

interface CopyTable {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly generated: boolean }[];
  readonly loadThrough: { readonly schema: string; readonly name: string } | null;
  readonly searchPath?: readonly string[] | undefined;
}

/** `COPY … FROM stdin`, through the partition root where the server must choose the partition anew. */
export function copyFromSql(table: CopyTable): string {
  const { schema, name } = table.loadThrough ?? table;
  return `COPY ${qualifiedName(schema, name)}${copyColumns(table.columns)} FROM stdin`;
}

/** What stands around the rows of a data block, so that psql can run it. */
export function copyFrame(table: CopyTable): { readonly head: Buffer; readonly tail: Buffer } {
  const { searchPath = [] } = table;
  const [before, after] =
    searchPath.length === 0 ? ['', ''] : [`${setSearchPath(searchPath)}\n`, `${emptySearchPath}\n\n`];
  return {
    head: Buffer.from(`${before}${copyFromSql(table)};\n`),
    tail: Buffer.from(`\\.\n\n${after}`),
  };
}
