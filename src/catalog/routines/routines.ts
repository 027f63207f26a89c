import { sqlFile } from '../../lib/sql-file.ts';
import { qualifiedName } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { displayQualified, oneLine } from '../display-name.ts';
import { address, claim, draft } from '../draft.ts';
import type { Draft } from '../draft.ts';

const sql = sqlFile(import.meta.url, './routines.sql');

interface RoutineRow {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly owner: string;
  readonly procedure: boolean;
  readonly arguments: string;
  readonly argumentTypes: string;
  readonly definition: string;
}

export async function readRoutines(catalog: CatalogSession): Promise<readonly Draft[]> {
  const rows = await catalog.rows<RoutineRow>(sql);
  return rows.map((row) => {
    const kind = row.procedure ? 'procedure' : 'function';
    const signature = `${kind.toUpperCase()} ${qualifiedName(row.schema, row.name)}(${row.arguments})`;
    const identity = `${kind} ${displayQualified(row.schema, row.name)}(${oneLine(row.argumentTypes)})`;
    return draft({
      id: `${kind}:${row.oid}`,
      kind,
      schema: row.schema,
      name: row.name,
      identity,
      section: 'pre-data',
      // The server's own text: it splits list settings such as search_path into their names (facts: §2.3).
      sql: `${row.definition};`,
      dropSql: `DROP ${signature};`,
      claims: [claim(address('pg_proc', row.oid), identity, signature)],
      owner: { role: row.owner, alter: signature },
      postponable: true,
    });
  });
}
