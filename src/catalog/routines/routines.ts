import { sqlFile } from '../../lib/sql-file.ts';
import { qualifiedName } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { displayQualified, oneLine } from '../display-name.ts';
import { address, claim, draft } from '../draft.ts';
import type { Draft } from '../draft.ts';
import { routineDefinition } from './routine-definition.ts';
import type { RoutineRow } from './routine-row.ts';

const sql = sqlFile(import.meta.url, './routines.sql');

/** `function public.f(integer, text)`: unique in a database; types as `oidvectortypes` writes them. */
export function routineIdentity(routine: {
  readonly procedure: boolean;
  readonly schema: string;
  readonly name: string;
  readonly argumentTypes: string;
}): string {
  const { procedure, schema, name, argumentTypes } = routine;
  return `${procedure ? 'procedure' : 'function'} ${displayQualified(schema, name)}(${oneLine(argumentTypes)})`;
}

/** Functions and procedures in every language. */
export async function readRoutines(catalog: CatalogSession): Promise<readonly Draft[]> {
  const rows = await catalog.rows<RoutineRow>(sql);
  return rows.map((row) => {
    const kind = row.procedure ? 'procedure' : 'function';
    const name = qualifiedName(row.schema, row.name);
    const signature = `${kind.toUpperCase()} ${name}(${row.identityArguments})`;
    const id = `${kind}:${row.oid}`;
    const identity = routineIdentity(row);
    return draft({
      id,
      kind,
      schema: row.schema,
      name: row.name,
      identity,
      section: 'pre-data',
      sql: (isSeparate) => routineDefinition(row, row.recursive || isSeparate(`stub:${id}`)),
      dropSql: `DROP ${signature};`,
      claims: [claim(address('pg_proc', row.oid), identity, signature)],
      owner: { role: row.owner, alter: signature },
      postponable: true,
      minServerMajor: row.body !== null || row.outArguments === true ? 14 : 0,
      superuser: row.superuser,
    });
  });
}
