import { sqlFile } from '../../lib/sql-file.ts';
import { qualifiedName, quoteIdentifier } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { groupBy } from '../group-by.ts';
import { optionList } from '../storage-options.ts';

const sql = sqlFile(import.meta.url, './columns.sql');

export interface ColumnRow {
  readonly relation: number;
  readonly number: number;
  readonly name: string;
  readonly type: string;
  readonly notNull: boolean;
  /** `a` always, `d` by default, empty for none. */
  readonly identity: string;
  /** `s` stored, `v` virtual, empty for none. */
  readonly generated: string;
  readonly collationSchema: string | null;
  readonly collation: string | null;
  /** `p`, `e`, `m` or `x`, where it differs from the type's own. */
  readonly storage: string | null;
  /** `p` (pglz) or `l` (lz4), where it is set. */
  readonly compression: string | null;
  readonly statistics: number | null;
  readonly options: readonly string[];
  readonly notNullOid: number | null;
  readonly notNullName: string | null;
  readonly notNullNoInherit: boolean;
  readonly notNullValidated: boolean;
  readonly notNullLocal: boolean;
}

/** By OID of the relation. */
export type ColumnsByRelation = ReadonlyMap<number, readonly ColumnRow[]>;

export async function readColumns(catalog: CatalogSession): Promise<ColumnsByRelation> {
  return groupBy(await catalog.rows<ColumnRow>(sql), (row) => row.relation);
}

/** ` COLLATE …` where it is not the type's own collation. */
export function collateClause({ collation, collationSchema }: ColumnRow): string {
  return collation === null || collationSchema === null
    ? ''
    : ` COLLATE ${qualifiedName(collationSchema, collation)}`;
}

const storageNames: Readonly<Record<string, string>> = {
  p: 'PLAIN',
  e: 'EXTERNAL',
  m: 'MAIN',
  x: 'EXTENDED',
};
const compressionNames: Readonly<Record<string, string>> = { p: 'pglz', l: 'lz4' };

/** What CREATE has no place for on every server: storage, compression, statistics target, `n_distinct` and the like. */
export function columnSettings(quotedRelation: string, columns: readonly ColumnRow[]): string[] {
  return columns.flatMap((column) => {
    const settings: string[] = [];
    if (column.statistics !== null) settings.push(`SET STATISTICS ${column.statistics}`);
    if (column.storage !== null) {
      settings.push(`SET STORAGE ${storageNames[column.storage] ?? column.storage}`);
    }
    if (column.compression !== null) {
      settings.push(`SET COMPRESSION ${compressionNames[column.compression] ?? column.compression}`);
    }
    const options = optionList(column.options);
    if (options.length > 0) settings.push(`SET (${options.join(', ')})`);
    const alter = `ALTER TABLE ONLY ${quotedRelation} ALTER COLUMN ${quoteIdentifier(column.name)}`;
    return settings.map((setting) => `${alter} ${setting};`);
  });
}
