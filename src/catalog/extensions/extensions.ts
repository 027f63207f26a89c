import { sqlFile } from '../../lib/sql-file.ts';
import { qualifiedName, quoteIdentifier, quoteLiteral } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { displayName, displayQualified } from '../display-name.ts';
import { address, claim, draft } from '../draft.ts';
import type { Draft } from '../draft.ts';
import type { UnsupportedObject } from '../model.ts';

const sql = sqlFile(import.meta.url, './extensions.sql');
const configSql = sqlFile(import.meta.url, './extension-config.sql');

interface ExtensionRow {
  readonly oid: number;
  readonly name: string;
  readonly version: string;
  readonly schema: string;
}

interface ConfigRow {
  readonly extension: string;
  readonly schema: string;
  readonly name: string;
  readonly relkind: string;
  readonly condition: string;
}

export interface Extensions {
  readonly drafts: readonly Draft[];
  readonly versions: readonly { readonly name: string; readonly version: string }[];
}

export async function readExtensions(catalog: CatalogSession): Promise<Extensions> {
  const rows = await catalog.rows<ExtensionRow>(sql);
  const drafts = rows.map(({ oid, name, schema }) => {
    const quoted = quoteIdentifier(name);
    const identity = `extension ${displayName(name)}`;
    return draft({
      id: `extension:${oid}`,
      kind: 'extension',
      name,
      identity,
      section: 'pre-data',
      // The version stays open: the target installs the one it has (the plan compares them).
      sql: `CREATE EXTENSION IF NOT EXISTS ${quoted} WITH SCHEMA ${quoteIdentifier(schema)};`,
      dropSql: `DROP EXTENSION ${quoted};`,
      claims: [claim(address('pg_extension', oid), identity, `EXTENSION ${quoted}`)],
    });
  });
  const versions = rows.map(({ name, version }) => ({ name, version }));
  return { drafts, versions: versions.sort((a, b) => (a.name < b.name ? -1 : 1)) };
}

/**
 * Rows that users added to an extension's own tables (`pg_extension_config_dump`) live in no table of ours and would be
 * lost: each such table with rows that its extension wants kept is reported.
 */
export async function readExtensionRows(catalog: CatalogSession): Promise<readonly UnsupportedObject[]> {
  const config = await catalog.rows<ConfigRow>(configSql);
  if (config.length === 0) return [];
  const checks = config.map((row) => {
    const identity = `rows of ${displayQualified(row.schema, row.name)} of extension ${displayName(row.extension)}`;
    const relation = qualifiedName(row.schema, row.name);
    // The condition is the extension's own SQL; pg_dump runs it in the same way.
    const found =
      row.relkind === 'S'
        ? `(SELECT is_called FROM ${relation})`
        : `EXISTS (SELECT FROM ${relation} ${row.condition})`;
    return `SELECT ${quoteLiteral(identity)} AS "identity" WHERE ${found}`;
  });
  const found = await catalog.rows<{ identity: string }>(checks.join('\nUNION ALL\n'));
  return found.map(({ identity }) => ({ identity, table: null }));
}
