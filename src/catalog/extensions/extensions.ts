import { sqlFile } from '../../lib/sql-file.ts';
import { quoteIdentifier } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { displayName } from '../display-name.ts';
import { address, claim, draft } from '../draft.ts';
import type { Draft } from '../draft.ts';

const sql = sqlFile(import.meta.url, './extensions.sql');

interface ExtensionRow {
  readonly oid: number;
  readonly name: string;
  readonly version: string;
  readonly schema: string;
  readonly goesWith: readonly string[] | null;
}

export interface Extensions {
  readonly drafts: readonly Draft[];
  readonly versions: readonly { readonly name: string; readonly version: string }[];
}

export async function readExtensions(catalog: CatalogSession): Promise<Extensions> {
  const rows = await catalog.rows<ExtensionRow>(sql);
  const drafts = rows.map(({ oid, name, schema, goesWith }) => {
    const quoted = quoteIdentifier(name);
    const identity = `extension ${displayName(name)}`;
    return draft({
      id: `extension:${oid}`,
      kind: 'extension',
      schema,
      name,
      identity,
      section: 'pre-data',
      // The version stays open: the target installs the one it has (the plan compares them).
      sql: `CREATE EXTENSION IF NOT EXISTS ${quoted} WITH SCHEMA ${quoteIdentifier(schema)};`,
      dropSql: `DROP EXTENSION ${quoted};`,
      needs: (goesWith ?? []).map((other) => `extension:${other}`),
      claims: [claim(address('pg_extension', oid), identity, `EXTENSION ${quoted}`)],
    });
  });
  const versions = rows.map(({ name, version }) => ({ name, version }));
  return { drafts, versions: versions.sort((a, b) => (a.name < b.name ? -1 : 1)) };
}
