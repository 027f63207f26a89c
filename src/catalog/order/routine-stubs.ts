import { sqlFile } from '../../lib/sql-file.ts';
import { qualifiedName } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import type { Claims } from '../claims.ts';
import { displayQualified, oneLine } from '../display-name.ts';
import { address, draft } from '../draft.ts';
import type { Draft } from '../draft.ts';
import { dropTogether } from './drop-together.ts';

const sql = sqlFile(import.meta.url, './routine-stubs.sql');

interface StubRow {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  /** `f` function, `p` procedure, `w` window function. */
  readonly kind: 'f' | 'p' | 'w';
  readonly arguments: string;
  readonly argumentTypes: string;
  readonly result: string | null;
  readonly schemaOid: number;
  /** OIDs of the types of its arguments and result, without those of every database. */
  readonly types: readonly number[];
  readonly recursive: boolean;
}

/**
 * Functions that do nothing yet, under the name and with the arguments and result of the real ones, for loops in which
 * functions need each other through defaults of arguments or bodies that the server has parsed. The real definition
 * then replaces them (`CREATE OR REPLACE`). A function that calls itself always needs one.
 */
export async function readRoutineStubs(
  catalog: CatalogSession,
  { idOf, providerOf }: Claims,
): Promise<readonly Draft[]> {
  const rows = await catalog.rows<StubRow>(sql);
  return rows.flatMap((row) => {
    const routine = idOf(address('pg_proc', row.oid));
    if (routine === null) return [];
    const kind = row.kind === 'p' ? 'procedure' : 'function';
    const name = qualifiedName(row.schema, row.name);
    const signature = `${kind.toUpperCase()} ${name}(${row.arguments})`;
    const result = row.result === null ? '' : ` RETURNS ${row.result}`;
    const needs = [
      address('pg_namespace', row.schemaOid),
      ...row.types.map((type) => address('pg_type', type)),
    ].flatMap((at) => providerOf(at) ?? []);
    return draft({
      id: `stub:${routine}`,
      kind,
      schema: row.schema,
      name: row.name,
      identity: `stub of ${kind} ${displayQualified(row.schema, row.name)}(${oneLine(row.argumentTypes)})`,
      section: 'pre-data',
      sql: `CREATE ${signature}${result} LANGUAGE sql${row.kind === 'w' ? ' WINDOW' : ''} AS '';`,
      dropSql: dropTogether('pg_proc', `${name}(${row.argumentTypes})`, signature),
      partOf: routine,
      needs,
      inlineIn: row.recursive ? null : routine,
      separateTo: 'pre-data',
      forerunnerOf: routine,
    });
  });
}
