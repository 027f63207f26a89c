import { sqlFile } from '../../lib/sql-file.ts';
import { qualifiedName } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { displayQualified } from '../display-name.ts';
import { address, claim, draft } from '../draft.ts';
import type { Draft } from '../draft.ts';
import { dropTogether } from '../order/drop-together.ts';

const sql = sqlFile(import.meta.url, './shell-types.sql');

interface ShellRow {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly owner: string;
}

/** Types that were announced and never defined. */
export async function readShellTypes(catalog: CatalogSession): Promise<readonly Draft[]> {
  const rows = await catalog.rows<ShellRow>(sql);
  return rows.map((row) => {
    const quoted = qualifiedName(row.schema, row.name);
    const identity = shellIdentity(row);
    return draft({
      id: shellId(row.oid),
      kind: 'shell type',
      schema: row.schema,
      name: row.name,
      identity,
      section: 'pre-data',
      sql: `CREATE TYPE ${quoted};`,
      dropSql: `DROP TYPE ${quoted};`,
      claims: [claim(address('pg_type', row.oid), identity, `TYPE ${quoted}`)],
      owner: { role: row.owner, alter: `TYPE ${quoted}` },
      superuser: true,
    });
  });
}

function shellId(type: number): string {
  return `shell type:${type}`;
}

function shellIdentity({ schema, name }: { readonly schema: string; readonly name: string }): string {
  return `shell type ${displayQualified(schema, name)}`;
}

/** A type with functions of its own, which have to exist before it and name it. */
export interface SelfDescribingType {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  /** OIDs of its schema, and of the extension that made that, if one did. */
  readonly schemaOid: number;
  readonly schemaExtension: number | null;
}

/**
 * The announcement of a type, for its own functions (docs/facts/postgresql.md#order-and-loops). It needs nothing but
 * the schema. `definition`: the id of the type.
 */
export function shellDraft(type: SelfDescribingType, definition: string): Draft {
  const quoted = qualifiedName(type.schema, type.name);
  return draft({
    id: shellId(type.oid),
    kind: 'shell type',
    schema: type.schema,
    name: type.name,
    identity: shellIdentity(type),
    section: 'pre-data',
    sql: `CREATE TYPE ${quoted};`,
    dropSql: dropTogether('pg_type', quoted, `TYPE ${quoted}`),
    needs: [
      `schema:${type.schemaOid}`,
      ...(type.schemaExtension === null ? [] : [`extension:${type.schemaExtension}`]),
    ],
    partOf: definition,
    superuser: true,
    inlineIn: definition,
    separateTo: 'pre-data',
    forerunnerOf: definition,
  });
}
