import { sqlFile } from '../../lib/sql-file.ts';
import { quoteIdentifier } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { displayName } from '../display-name.ts';
import { address, claim, draft } from '../draft.ts';
import type { Draft } from '../draft.ts';
import { quotePair } from '../name-pair.ts';
import type { NamePair } from '../name-pair.ts';

const sql = sqlFile(import.meta.url, './access-methods.sql');

interface AccessMethodRow {
  readonly oid: number;
  readonly name: string;
  readonly type: 't' | 'i';
  readonly handler: NamePair;
}

/** They have no owner. */
export async function readAccessMethods(catalog: CatalogSession): Promise<readonly Draft[]> {
  const rows = await catalog.rows<AccessMethodRow>(sql);
  return rows.map(({ oid, name, type, handler }) => {
    const quoted = quoteIdentifier(name);
    const identity = `access method ${displayName(name)}`;
    return draft({
      id: `access method:${oid}`,
      kind: 'access method',
      name,
      identity,
      section: 'pre-data',
      sql: `CREATE ACCESS METHOD ${quoted} TYPE ${type === 't' ? 'TABLE' : 'INDEX'} HANDLER ${quotePair(handler)};`,
      dropSql: `DROP ACCESS METHOD ${quoted};`,
      claims: [claim(address('pg_am', oid), identity, `ACCESS METHOD ${quoted}`)],
      superuser: true,
    });
  });
}
