import { sqlFile } from '../../lib/sql-file.ts';
import { qualifiedName, quoteIdentifier } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { displayName } from '../display-name.ts';
import { address, claim, draft } from '../draft.ts';
import type { Draft } from '../draft.ts';
import { foreignOptions } from '../storage-options.ts';

const sql = sqlFile(import.meta.url, './wrappers.sql');

interface WrapperRow {
  readonly oid: number;
  readonly name: string;
  readonly owner: string;
  readonly handlerSchema: string | null;
  readonly handler: string | null;
  readonly validatorSchema: string | null;
  readonly validator: string | null;
  readonly options: readonly string[] | null;
}

/** Foreign data wrappers that no extension brings. Only superusers make and own them. */
export async function readForeignDataWrappers(catalog: CatalogSession): Promise<readonly Draft[]> {
  const rows = await catalog.rows<WrapperRow>(sql);
  return rows.map((row) => {
    const quoted = `FOREIGN DATA WRAPPER ${quoteIdentifier(row.name)}`;
    const identity = `foreign data wrapper ${displayName(row.name)}`;
    return draft({
      id: `foreign data wrapper:${row.oid}`,
      kind: 'foreign data wrapper',
      name: row.name,
      identity,
      section: 'pre-data',
      sql: [
        `CREATE ${quoted}`,
        functionClause('HANDLER', row.handlerSchema, row.handler),
        functionClause('VALIDATOR', row.validatorSchema, row.validator),
        foreignOptions(row.options),
        ';',
      ].join(''),
      dropSql: `DROP ${quoted};`,
      claims: [claim(address('pg_foreign_data_wrapper', row.oid), identity, quoted)],
      owner: { role: row.owner, alter: quoted },
      superuser: true,
    });
  });
}

function functionClause(word: string, schema: string | null, name: string | null): string {
  return schema === null || name === null ? '' : ` ${word} ${qualifiedName(schema, name)}`;
}
