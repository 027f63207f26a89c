import { sqlFile } from '../../lib/sql-file.ts';
import { qualifiedName } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { oneLine } from '../display-name.ts';
import { address, claim, draft } from '../draft.ts';
import type { Draft } from '../draft.ts';

const sql = sqlFile(import.meta.url, './casts.sql');

interface CastRow {
  readonly oid: number;
  readonly source: string;
  readonly target: string;
  /** `f` function, `b` same bytes, `i` through text. */
  readonly method: 'f' | 'b' | 'i';
  /** `e` explicit, `a` in assignments, `i` everywhere. */
  readonly context: 'e' | 'a' | 'i';
  readonly functionSchema: string | null;
  readonly functionName: string | null;
  readonly functionArguments: string | null;
  /** True if neither type belongs to the role that makes everything else. */
  readonly foreignTypes: boolean;
}

export async function readCasts(catalog: CatalogSession): Promise<readonly Draft[]> {
  const rows = await catalog.rows<CastRow>(sql);
  return rows.map((row) => {
    const name = `CAST (${row.source} AS ${row.target})`;
    const identity = `cast from ${oneLine(row.source)} to ${oneLine(row.target)}`;
    return draft({
      id: `cast:${row.oid}`,
      kind: 'cast',
      name: `${row.source} AS ${row.target}`,
      identity,
      section: 'pre-data',
      sql: `CREATE ${name} ${how(row)}${contexts[row.context]};`,
      dropSql: `DROP ${name};`,
      facts: row.method === 'b' ? { withoutFunction: true } : {},
      claims: [claim(address('pg_cast', row.oid), identity, name)],
      superuser: row.method === 'b' || row.foreignTypes,
      // With its function, which may have to wait for the rows.
      postponable: true,
    });
  });
}

const contexts = { e: '', a: ' AS ASSIGNMENT', i: ' AS IMPLICIT' } as const;

function how({ method, functionSchema, functionName, functionArguments }: CastRow): string {
  if (method === 'i') return 'WITH INOUT';
  if (functionSchema === null || functionName === null) return 'WITHOUT FUNCTION';
  return `WITH FUNCTION ${qualifiedName(functionSchema, functionName)}(${functionArguments ?? ''})`;
}
