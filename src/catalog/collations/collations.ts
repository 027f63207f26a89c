import { sqlFile } from '../../lib/sql-file.ts';
import { qualifiedName, quoteLiteral } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { displayQualified } from '../display-name.ts';
import { address, claim, draft } from '../draft.ts';
import type { Draft } from '../draft.ts';

const sql = sqlFile(import.meta.url, './collations.sql');

interface CollationRow {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly owner: string;
  readonly provider: 'b' | 'c' | 'i';
  readonly deterministic: boolean;
  readonly collate: string | null;
  readonly characterType: string | null;
  readonly locale: string | null;
  readonly rules: string | null;
}

export async function readCollations(catalog: CatalogSession): Promise<readonly Draft[]> {
  const rows = await catalog.rows<CollationRow>(sql);
  return rows.map((row) => {
    const quoted = qualifiedName(row.schema, row.name);
    const identity = `collation ${displayQualified(row.schema, row.name)}`;
    return draft({
      id: `collation:${row.oid}`,
      kind: 'collation',
      schema: row.schema,
      name: row.name,
      identity,
      section: 'pre-data',
      sql: `CREATE COLLATION ${quoted} (${options(row).join(', ')});`,
      dropSql: `DROP COLLATION ${quoted};`,
      claims: [claim(address('pg_collation', row.oid), identity, `COLLATION ${quoted}`)],
      owner: { role: row.owner, alter: `COLLATION ${quoted}` },
      minServerMajor: oldestServer(row),
    });
  });
}

const providers = { b: 'builtin', c: 'libc', i: 'icu' } as const;

function options(row: CollationRow): string[] {
  const list = [`PROVIDER = ${providers[row.provider]}`];
  if (!row.deterministic) list.push('DETERMINISTIC = false');
  const { locale, collate, characterType } = row;
  if (locale !== null) list.push(`LOCALE = ${quoteLiteral(locale)}`);
  else if (collate === characterType && collate !== null) list.push(`LOCALE = ${quoteLiteral(collate)}`);
  else {
    if (collate !== null) list.push(`LC_COLLATE = ${quoteLiteral(collate)}`);
    if (characterType !== null) list.push(`LC_CTYPE = ${quoteLiteral(characterType)}`);
  }
  if (row.rules !== null) list.push(`RULES = ${quoteLiteral(row.rules)}`);
  return list;
}

/** Locales of the provider "builtin" that came after it. */
const builtinLocales: Readonly<Record<string, number>> = { PG_UNICODE_FAST: 18 };

function oldestServer({ provider, locale, rules }: CollationRow): number {
  if (provider === 'b') return builtinLocales[locale ?? ''] ?? 17;
  return rules === null ? 0 : 16;
}
