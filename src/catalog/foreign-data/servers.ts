import { sqlFile } from '../../lib/sql-file.ts';
import { quoteIdentifier, quoteLiteral } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { displayName } from '../display-name.ts';
import { address, claim, draft } from '../draft.ts';
import type { Draft } from '../draft.ts';
import { foreignOptions } from '../storage-options.ts';

const sql = sqlFile(import.meta.url, './servers.sql');

interface ServerRow {
  readonly oid: number;
  readonly name: string;
  readonly owner: string;
  readonly wrapper: string;
  readonly type: string | null;
  readonly version: string | null;
  readonly options: readonly string[] | null;
}

export async function readServers(catalog: CatalogSession): Promise<readonly Draft[]> {
  const rows = await catalog.rows<ServerRow>(sql);
  return rows.map((row) => {
    const quoted = `SERVER ${quoteIdentifier(row.name)}`;
    const identity = `server ${displayName(row.name)}`;
    return draft({
      id: `server:${row.oid}`,
      kind: 'server',
      name: row.name,
      identity,
      section: 'pre-data',
      sql: [
        `CREATE ${quoted}`,
        row.type === null ? '' : ` TYPE ${quoteLiteral(row.type)}`,
        row.version === null ? '' : ` VERSION ${quoteLiteral(row.version)}`,
        ` FOREIGN DATA WRAPPER ${quoteIdentifier(row.wrapper)}`,
        foreignOptions(row.options),
        ';',
      ].join(''),
      dropSql: `DROP ${quoted};`,
      claims: [claim(address('pg_foreign_server', row.oid), identity, quoted)],
      owner: { role: row.owner, alter: quoted },
    });
  });
}
