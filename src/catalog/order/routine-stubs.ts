import { sqlFile } from '../../lib/sql-file.ts';
import { qualifiedName, quoteIdentifier } from '../../postgres/identifiers.ts';
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
  readonly window: boolean;
  /** `i` immutable, `s` stable, `v` volatile: columns and indexes ask for it. */
  readonly volatility: 'i' | 's' | 'v';
  /** Without the columns of RETURNS TABLE. */
  readonly arguments: readonly Argument[];
  /** So many of the last arguments that are passed in have a default. */
  readonly defaults: number;
  readonly argumentTypes: string;
  readonly result: string;
  readonly schemaOid: number;
  /** OIDs of the types of its arguments and result, without those of every database. */
  readonly types: readonly number[];
  readonly recursive: boolean;
}

interface Argument {
  /** `i` IN, `o` OUT, `b` INOUT, `v` VARIADIC. */
  readonly mode: 'i' | 'o' | 'b' | 'v';
  /** Empty for none. */
  readonly name: string;
  readonly type: string;
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
    const name = qualifiedName(row.schema, row.name);
    const identity = `${name}(${row.argumentTypes})`;
    const properties = [`RETURNS ${row.result}`, 'LANGUAGE sql', ...(row.window ? ['WINDOW'] : [])];
    if (row.volatility !== 'v') properties.push(row.volatility === 'i' ? 'IMMUTABLE' : 'STABLE');
    const needs = [
      address('pg_namespace', row.schemaOid),
      ...row.types.map((type) => address('pg_type', type)),
    ].flatMap((at) => providerOf(at) ?? []);
    return draft({
      id: `stub:${routine}`,
      kind: 'function',
      schema: row.schema,
      name: row.name,
      identity: `stub of function ${displayQualified(row.schema, row.name)}(${oneLine(row.argumentTypes)})`,
      section: 'pre-data',
      sql: `CREATE FUNCTION ${name}(${argumentList(row)}) ${properties.join(' ')} AS '';`,
      dropSql: dropTogether('pg_proc', identity, `FUNCTION ${identity}`),
      partOf: routine,
      needs,
      inlineIn: row.recursive ? null : routine,
      separateTo: 'pre-data',
      forerunnerOf: routine,
    });
  });
}

const modes = { i: '', o: 'OUT ', b: 'INOUT ', v: 'VARIADIC ' } as const;

/** With defaults where the function has some: those who call it may leave these arguments out. */
function argumentList({ arguments: all, defaults }: StubRow): string {
  const passedIn = all.filter(({ mode }) => mode !== 'o');
  const optional = new Set(passedIn.slice(passedIn.length - defaults));
  return all
    .map((argument) => {
      const name = argument.name === '' ? '' : `${quoteIdentifier(argument.name)} `;
      return `${modes[argument.mode]}${name}${argument.type}${optional.has(argument) ? ' DEFAULT NULL' : ''}`;
    })
    .join(', ');
}
