import { createHash } from 'node:crypto';
import { z } from 'zod';
import { undoSchemaPrefix } from '../../catalog/undo-schemas.ts';
import { jsonOrNull } from '../../lib/json-or-null.ts';
import { qualifiedName, quoteIdentifier, quoteLiteral } from '../../postgres/identifiers.ts';
import type { Queryable, Session } from '../../postgres/session.ts';
import { databaseError } from '../../postgres/sqlstate.ts';
import { linesSql } from './merge-table.ts';
import type { MergeTable } from './merge-table.ts';
import type { ChangedSequence } from './sequences.ts';

const stateSchema = z.object({ lastValue: z.string(), isCalled: z.boolean() });

const contentsSchema = z.object({
  version: z.literal(1),
  job: z.string(),
  /** By the server's clock, epoch milliseconds: when it is removed. */
  until: z.number(),
  tables: z.array(
    z.object({
      index: z.number(),
      name: z.string(),
      into: z.string(),
      own: z.string(),
      /** What is locked: itself, or the partitions of a tree. */
      relations: z.array(z.object({ schema: z.string(), name: z.string() })),
      columns: z.array(z.string()),
      /** Of the columns: as what their text is read again. */
      types: z.array(z.string()),
      compared: z.object({
        rows: z.string(),
        columns: z.array(z.object({ name: z.string() })),
        key: z.array(z.string()),
        keyAs: z.enum(['text', 'bigint', 'uuid']),
      }),
      replaced: z.array(z.string()),
    }),
  ),
  /** Statements that refresh materialized views. */
  refreshes: z.array(z.string()),
  sequences: z.array(
    z.object({ schema: z.string(), name: z.string(), before: stateSchema, after: stateSchema }),
  ),
});

/** What a merge has changed, as its undo reads it. */
export type UndoContents = z.infer<typeof contentsSchema>;

/** A table with the relations that are locked for it. */
export interface KeptTable extends MergeTable {
  readonly relations: readonly { readonly schema: string; readonly name: string }[];
}

interface Options {
  readonly signal: AbortSignal;
}

/** The schema in which a job keeps what its undo needs. */
export function undoSchemaOf(jobId: string): string {
  return `${undoSchemaPrefix}${createHash('sha256').update(jobId).digest('hex').slice(0, 16)}`;
}

export const linesTable = (schema: string, which: 'before' | 'after', index: number): string =>
  qualifiedName(schema, `${which}_${index}`);

/**
 * Keeps the rows that the transaction takes away, and those that it brings, as text, in a schema of its own that nobody
 * else may use. It comes and goes with the transaction.
 */
export async function keepBeforeImages(
  session: Session,
  schema: string,
  {
    job,
    until,
    tables,
    sequences,
    refreshes,
  }: {
    readonly job: string;
    readonly until: number;
    readonly tables: readonly KeptTable[];
    readonly sequences: readonly ChangedSequence[];
    readonly refreshes: readonly string[];
  },
  options: Options,
): Promise<void> {
  try {
    await session.execute(`CREATE SCHEMA ${quoteIdentifier(schema)}`, options);
    for (const table of tables)
      for (const which of ['before', 'after'] as const)
        await session.execute(
          `CREATE TABLE ${linesTable(schema, which, table.index)} AS ${linesSql(table, which)}`,
          options,
        );
    const described: UndoContents['tables'] = [];
    for (const table of tables) described.push(await kept(session, table, options));
    const contents: UndoContents = {
      version: 1,
      job,
      until,
      tables: described,
      refreshes: [...refreshes],
      sequences: sequences.map((one) => ({ ...one })),
    };
    await session.execute(
      `CREATE TABLE ${qualifiedName(schema, 'contents')} AS SELECT ${quoteLiteral(JSON.stringify(contents))}::text AS contents`,
      options,
    );
    await session.execute(
      `COMMENT ON SCHEMA ${quoteIdentifier(schema)} IS ${quoteLiteral(`Multiboard Sync: rows by which job ${job} is undone`)}`,
      options,
    );
    await revokeAll(session, schema, options);
  } catch (error) {
    options.signal.throwIfAborted();
    throw databaseError(error, 'target', 'Keeping the rows that an undo needs');
  }
}

async function kept(
  session: Queryable,
  table: KeptTable,
  options: Options,
): Promise<UndoContents['tables'][number]> {
  const types = await columnTypes(session, table, options);
  return {
    ...table,
    columns: [...table.columns],
    relations: table.relations.map(({ schema, name }) => ({ schema, name })),
    replaced: [...table.replaced],
    types: [...types],
    compared: {
      ...table.compared,
      key: [...table.compared.key],
      columns: table.compared.columns.map(({ name }) => ({ name })),
    },
  };
}

/** The types of a table's columns, in their order here; null-length where one is missing. */
export async function columnTypes(
  session: Queryable,
  { into, columns }: Pick<MergeTable, 'into' | 'columns'>,
  options: Options,
): Promise<readonly string[]> {
  const rows = await session.query<{ type: string }>(
    `SELECT pg_catalog.format_type(a.atttypid, a.atttypmod) AS type
FROM unnest($2::text[]) WITH ORDINALITY AS w (name, at)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = pg_catalog.to_regclass($1) AND a.attname = w.name AND NOT a.attisdropped
ORDER BY w.at`,
    [into, columns],
    options,
  );
  return rows.map(({ type }) => type);
}

/** Default privileges may have given others rights on what was made. */
export async function revokeAll(session: Session, schema: string, options: Options): Promise<void> {
  const grants = await session.query<{ what: string; role: string }>(
    `SELECT 'SCHEMA ' || pg_catalog.quote_ident(n.nspname) AS what, a.role
FROM pg_catalog.pg_namespace AS n,
  LATERAL (SELECT CASE WHEN x.grantee = 0 THEN 'PUBLIC' ELSE x.grantee::regrole::text END AS role
    FROM pg_catalog.aclexplode(n.nspacl) AS x WHERE x.grantee <> n.nspowner) AS a
WHERE n.nspname = $1
UNION
SELECT 'TABLE ' || pg_catalog.format('%I.%I', n.nspname, c.relname), a.role
FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace,
  LATERAL (SELECT CASE WHEN x.grantee = 0 THEN 'PUBLIC' ELSE x.grantee::regrole::text END AS role
    FROM pg_catalog.aclexplode(c.relacl) AS x WHERE x.grantee <> c.relowner) AS a
WHERE n.nspname = $1`,
    [schema],
    options,
  );
  for (const { what, role } of grants) await session.execute(`REVOKE ALL ON ${what} FROM ${role}`, options);
}

/** Null where there is no such schema, or none of ours. */
export async function readContents(
  session: Queryable,
  schema: string,
  options: Options,
): Promise<UndoContents | null> {
  const [there] = await session.query<{ there: boolean }>(
    'SELECT pg_catalog.to_regclass($1) IS NOT NULL AS there',
    [qualifiedName(schema, 'contents')],
    options,
  );
  if (there?.there !== true) return null;
  const [row] = await session.query<{ contents: string }>(
    `SELECT contents FROM ${qualifiedName(schema, 'contents')} LIMIT 1`,
    [],
    options,
  );
  const parsed = contentsSchema.safeParse(jsonOrNull(row?.contents));
  return parsed.success ? parsed.data : null;
}

/** Without CASCADE: what others hang on it stays, and then so does it. */
export async function dropUndoSchema(session: Session, schema: string, options: Options): Promise<void> {
  const tables = await session.query<{ name: string }>(
    `SELECT c.relname::text AS name FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relkind = 'r'`,
    [schema],
    options,
  );
  for (const { name } of tables) await session.execute(`DROP TABLE ${qualifiedName(schema, name)}`, options);
  await session.execute(`DROP SCHEMA ${quoteIdentifier(schema)}`, options);
}
