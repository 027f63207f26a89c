import { sqlFile } from '../../lib/sql-file.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { relationId } from '../draft.ts';

const sql = sqlFile(import.meta.url, './extension-relations.sql');

export interface ExtensionRelation {
  readonly oid: number;
  readonly relkind: string;
  readonly schema: string;
  readonly name: string;
  readonly extension: number;
  readonly extensionName: string;
  readonly version: string;
  /** The extension asks to have its rows dumped. */
  readonly config: boolean;
}

/** By the id that an object for the relation has or would have. */
export type ExtensionRelations = ReadonlyMap<string, ExtensionRelation>;

export async function readExtensionRelations(catalog: CatalogSession): Promise<ExtensionRelations> {
  const rows = await catalog.rows<ExtensionRelation>(sql);
  return new Map(rows.map((row) => [relationId(row.relkind, row.oid), row]));
}
