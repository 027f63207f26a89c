import type { CatalogTable } from '../catalog/model.ts';
import type { ManifestTable } from '../dump/manifest.ts';

/** A table of a catalogue as a dump describes it: what its rows are, and how many. */
export function tableInDump(
  table: CatalogTable,
  of: Pick<ManifestTable, 'content' | 'rows' | 'rawBytes' | 'digest'>,
): ManifestTable {
  return {
    id: table.id,
    schema: table.schema,
    name: table.name,
    columns: table.columns,
    keyColumns: table.keyColumns,
    ...of,
    loadThrough: table.loadThrough,
    ...(table.searchPath.length === 0 ? {} : { searchPath: table.searchPath }),
    extensionConfig: table.extensionConfig,
    condition: table.condition,
  };
}

/** A table of a live database whose rows are kept, under the id that it has in the new database. */
export function withoutRows(live: CatalogTable, id: string): ManifestTable {
  return tableInDump({ ...live, id }, { content: 'definition', rows: 0, rawBytes: live.bytes, digest: null });
}
