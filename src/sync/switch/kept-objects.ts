import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { CatalogModel } from '../../catalog/model.ts';
import { jsonOrNull } from '../../lib/json-or-null.ts';
import type { RunnableObject } from '../../plan/runnable-object.ts';
import { qualifiedName, quoteIdentifier, quoteLiteral } from '../../postgres/identifiers.ts';
import type { CallOptions, Queryable, Session } from '../../postgres/session.ts';
import { databaseError } from '../../postgres/sqlstate.ts';
import { revokeAll, undoSchemaOf } from '../merge/before-images.ts';

const definitionsSchema = z.array(z.tuple([z.string(), z.string()]));

const contentsSchema = z.object({
  version: z.literal(1),
  kind: z.literal('switch'),
  job: z.string(),
  /** By the server's clock, epoch milliseconds: when it may be removed. */
  until: z.number(),
  /** Where the objects of each schema are. */
  schemas: z.array(z.object({ live: z.string(), old: z.string() })),
  /** Ids of what stayed in the live schemas, and of functions that got another definition in their place. */
  staying: z.array(z.string()),
  replaced: z.array(z.string()),
  leftOutKinds: z.array(z.string()),
  /** What was dropped, and is made again. */
  again: z.array(z.custom<RunnableObject>((value) => typeof value === 'object' && value !== null)),
  /** Definitions before the switch: identity, digest. */
  before: definitionsSchema,
  /** After it; null where the run died before it could read them. */
  after: definitionsSchema.nullable(),
});

/** The objects that a switch has put aside, as its undo reads it. */
export type KeptObjects = z.infer<typeof contentsSchema>;

const contents = 'objects';

/** The schema that says what a job has put aside. */
export const keptSchemaOf = undoSchemaOf;

/** Where a job puts the objects of its schemas. */
export function oldSchemaOf(jobId: string, index: number): string {
  return `${undoSchemaOf(jobId)}_${index}`;
}

/** What was said of every object, by its name: what an undo has to bring back, and what nobody may have changed. */
export function definitionsOf({ objects }: CatalogModel): KeptObjects['before'] {
  return objects
    .filter(({ kind }) => kind !== 'sequence value')
    .map(({ identity, sql }): [string, string] => [identity, createHash('md5').update(sql).digest('hex')]);
}

/** Identities of what is in one list alone, or says something else there. */
export function definitionsThatDiffer(
  one: KeptObjects['before'],
  other: KeptObjects['before'],
): readonly string[] {
  const [left, right] = [new Map(one), new Map(other)];
  return [...new Set([...left.keys(), ...right.keys()])].filter(
    (identity) => left.get(identity) !== right.get(identity),
  );
}

/** In the transaction that puts the objects aside. */
export async function describeKept(session: Session, kept: KeptObjects, options: CallOptions): Promise<void> {
  const schema = keptSchemaOf(kept.job);
  try {
    await session.execute(
      [
        `CREATE SCHEMA ${quoteIdentifier(schema)}`,
        `CREATE TABLE ${qualifiedName(schema, contents)} AS SELECT ${quoteLiteral(JSON.stringify(kept))}::text AS contents`,
      ].join(';\n'),
      options,
    );
    await revokeAll(session, schema, { signal: options.signal ?? new AbortController().signal });
  } catch (error) {
    options.signal?.throwIfAborted();
    throw databaseError(error, 'target', 'Keeping what an undo needs');
  }
}

/** Says what the schemas are for, and how the live ones were left: nobody waits for that any more. */
export async function rememberAfter(
  session: Session,
  kept: Pick<KeptObjects, 'job' | 'schemas'>,
  after: CatalogModel,
  options: CallOptions,
): Promise<void> {
  const schema = keptSchemaOf(kept.job);
  const table = qualifiedName(schema, contents);
  const about = quoteLiteral(`Multiboard Sync: objects by which job ${kept.job} is undone`);
  await session.execute(
    [
      ...[schema, ...kept.schemas.map(({ old }) => old)].map(
        (name) => `COMMENT ON SCHEMA ${quoteIdentifier(name)} IS ${about}`,
      ),
      `UPDATE ${table} SET contents = pg_catalog.jsonb_set(contents::jsonb, '{after}', ${quoteLiteral(JSON.stringify(definitionsOf(after)))}::jsonb)::text`,
    ].join(';\n'),
    options,
  );
}

/** Null where there is no such schema, or none of a switch. */
export async function readKept(
  session: Queryable,
  schema: string,
  options: CallOptions,
): Promise<KeptObjects | null> {
  const [there] = await session.query<{ there: boolean }>(
    'SELECT pg_catalog.to_regclass($1) IS NOT NULL AS there',
    [qualifiedName(schema, contents)],
    options,
  );
  if (there?.there !== true) return null;
  const [row] = await session.query<{ contents: string }>(
    `SELECT contents FROM ${qualifiedName(schema, contents)} LIMIT 1`,
    [],
    options,
  );
  const parsed = contentsSchema.safeParse(jsonOrNull(row?.contents));
  return parsed.success ? parsed.data : null;
}
