import { sqlFile } from '../../lib/sql-file.ts';
import { quoteIdentifier } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { displayName } from '../display-name.ts';
import { address, claim, draft } from '../draft.ts';
import type { Draft } from '../draft.ts';
import { quotePair } from '../name-pair.ts';
import type { NamePair } from '../name-pair.ts';

const sql = sqlFile(import.meta.url, './languages.sql');

interface LanguageRow {
  readonly oid: number;
  readonly name: string;
  readonly owner: string;
  readonly trusted: boolean;
  readonly handler: NamePair;
  readonly inline: NamePair | null;
  readonly validator: NamePair | null;
}

export async function readLanguages(catalog: CatalogSession): Promise<readonly Draft[]> {
  const rows = await catalog.rows<LanguageRow>(sql);
  return rows.map(({ oid, name, owner, trusted, handler, inline, validator }) => {
    const quoted = quoteIdentifier(name);
    const identity = `language ${displayName(name)}`;
    // Always with its functions: without them the server takes it for the name of an extension.
    const parts = [
      `CREATE ${trusted ? 'TRUSTED ' : ''}PROCEDURAL LANGUAGE ${quoted}`,
      `HANDLER ${quotePair(handler)}`,
      ...(inline === null ? [] : [`INLINE ${quotePair(inline)}`]),
      ...(validator === null ? [] : [`VALIDATOR ${quotePair(validator)}`]),
    ];
    return draft({
      id: `language:${oid}`,
      kind: 'language',
      name,
      identity,
      section: 'pre-data',
      sql: `${parts.join('\n  ')};`,
      dropSql: `DROP LANGUAGE ${quoted};`,
      claims: [claim(address('pg_language', oid), identity, `LANGUAGE ${quoted}`)],
      owner: { role: owner, alter: `LANGUAGE ${quoted}` },
      superuser: true,
    });
  });
}
