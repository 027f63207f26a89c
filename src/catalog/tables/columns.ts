import { sqlFile } from '../../lib/sql-file.ts';
import { qualifiedName, quoteIdentifier } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { groupBy } from '../group-by.ts';
import { foreignOptions, optionList } from '../storage-options.ts';

const sql = sqlFile(import.meta.url, './columns.sql');

export interface ColumnRow {
  readonly relation: number;
  readonly number: number;
  readonly name: string;
  readonly type: string;
  readonly notNull: boolean;
  readonly hasDefault: boolean;
  /** `a` always, `d` by default, empty for none. */
  readonly identity: string;
  /** `s` stored, `v` virtual, empty for none. */
  readonly generated: string;
  readonly collationSchema: string | null;
  readonly collation: string | null;
  /** `p`, `e`, `m` or `x`, where it differs from the type's own. */
  readonly storage: string | null;
  readonly typeStorage: string;
  /** `p` (pglz) or `l` (lz4), where it is set. */
  readonly compression: string | null;
  readonly statistics: number | null;
  readonly options: readonly string[];
  /** Of a column of a foreign table. */
  readonly foreignOptions: readonly string[] | null;
  /** Said by the table itself, perhaps besides its parents. */
  readonly local: boolean;
  /** Of the NOT NULL constraint, which has a row of its own from 18 on: null before. */
  readonly notNullOid: number | null;
  readonly notNullName: string | null;
  readonly notNullNoInherit: boolean;
  readonly notNullValidated: boolean;
  readonly notNullLocal: boolean;
  /** Valid, while those of the parents it comes from are not (`markLateNotNull`). */
  readonly notNullValidatedAfter: boolean;
  /** Another constraint of its schema has the same name, so the server may choose another one. */
  readonly notNullShared: boolean;
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
    if (column.storage !== null) settings.push(setStorage(column.storage));
    if (column.compression !== null) {
      settings.push(`SET COMPRESSION ${compressionNames[column.compression] ?? column.compression}`);
    }
    const options = optionList(column.options);
    if (options.length > 0) settings.push(`SET (${options.join(', ')})`);
    const alter = `ALTER COLUMN ${quoteIdentifier(column.name)}`;
    const statements = settings.map((setting) => `ALTER TABLE ONLY ${quotedRelation} ${alter} ${setting};`);
    const foreign = foreignOptions(column.foreignOptions);
    if (foreign !== '') statements.push(`ALTER FOREIGN TABLE ONLY ${quotedRelation} ${alter}${foreign};`);
    return statements;
  });
}

export function setStorage(storage: string): string {
  return `SET STORAGE ${storageNames[storage] ?? storage}`;
}

/** The oldest servers that know these settings; 0 for all. */
export function columnSettingsMajor(columns: readonly ColumnRow[]): number {
  return columns.some(({ compression }) => compression !== null) ? 14 : 0;
}
