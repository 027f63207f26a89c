import { sqlFile } from '../../lib/sql-file.ts';
import { restingSchema as resting } from '../../catalog/restriction/resting-schemas.ts';
import { publicSchema } from '../../catalog/schemas/public-schema.ts';
import type { ImportPlan } from '../../plan/import-plan.ts';
import { quoteIdentifier } from '../../postgres/identifiers.ts';
import type { CallOptions, Session } from '../../postgres/session.ts';
import { databaseError } from '../../postgres/sqlstate.ts';

const apartSql = sqlFile(import.meta.url, './apart.sql');
export const bothSql = sqlFile(import.meta.url, './both-states.sql');
const outsideNamesSql = sqlFile(import.meta.url, './outside-names.sql');
export const movableSql = sqlFile(import.meta.url, './movable-objects.sql');

type Plan = Pick<
  ImportPlan,
  'schemas' | 'names' | 'objects' | 'fromTarget' | 'late' | 'largeObjects' | 'staying'
>;

/** Whose objects have the schemas' own names at the moment: those that people use, or those that are being made. */
type Named = 'live' | 'next';

/**
 * Why the new state cannot be made beside the live one, so that people wait from the first lock on; null where it can.
 * Only for runs about some schemas: what has no schema (an extension, a cast) has one name in a database.
 */
export async function whyNotApart(
  session: Session,
  plan: Plan,
  options: CallOptions,
): Promise<string | null> {
  const { schemas, names, objects, largeObjects, late, staying } = plan;
  if (schemas === null) return 'the run is about the whole database';
  if (names !== null) return `schema ${names.source} becomes ${names.target}`;
  if (largeObjects === 'copy') return 'large objects come along';
  const published = objects.find(({ kind }) => kind === 'publication schema');
  if (published !== undefined) return `${published.identity} publishes what comes into the schema`;
  const outside = madeOutside(plan, schemas.target);
  if (outside !== null) return `${outside} lies outside, and is dropped and made again`;
  // It would keep the other table's writers waiting until the end, and them and us for each other.
  const key = objects.find(
    ({ id, kind, needs }) =>
      kind === 'foreign key' && !late.has(id) && needs?.some((need) => need.kind === 'table') === true,
  );
  if (key !== undefined) return `${key.identity} leads out of the schemas of the run`;
  const rows = await session.query<{
    readonly oid: string;
    readonly schema: string;
    readonly renames: boolean;
    readonly extensions: readonly string[];
  }>(apartSql, [schemas.target], options);
  for (const { oid, schema, renames, extensions } of rows) {
    if (schema !== publicSchema && !staying.has(`schema:${oid}`)) return `schema ${schema} goes`;
    if (!renames) return `this role may not rename schema ${schema}`;
    if (extensions.length > 0) return `schema ${schema} holds objects of extension ${extensions.join(', ')}`;
  }
  if (rows.length !== schemas.target.length) return 'a schema is new to the target';
  const single = await session.query<{ readonly identity: string }>(
    outsideNamesSql,
    [schemas.target, [...staying]],
    options,
  );
  const words = single.map(({ identity }) => identity).join(', ');
  return words === '' ? null : `there is one alone in a database of ${words}`;
}

/** Identity of an object of other schemas that the run makes again; null without one. */
function madeOutside(
  { objects, fromTarget }: Pick<ImportPlan, 'objects' | 'fromTarget'>,
  schemas: readonly string[],
): string | null {
  const byId = new Map(objects.map((object) => [object.id, object]));
  const found = objects.find((object) => {
    if (!fromTarget.has(object.id) || object.facts.forRole !== undefined) return false;
    if (object.kind === 'publication table') return false;
    let whole = object;
    for (let next = byId.get(whole.partOf ?? ''); next !== undefined; next = byId.get(whole.partOf ?? ''))
      whole = next;
    return !schemas.includes(whole.schema ?? '');
  });
  return found?.identity ?? null;
}

/**
 * Two states of the same schemas side by side, in one transaction of which nobody else sees anything. An empty schema
 * takes the name of each, so that all that is made, and every function that runs meanwhile, finds the new objects
 * under the names that they will have. Renaming locks no table: readers and writers go on with the live ones.
 * Life: `begin` → `under`, any number of times → `moveIn`. The live schemas keep their OIDs, owners and grants.
 */
export class SchemasApart {
  readonly #session: Session;
  readonly #schemas: readonly string[];
  readonly #options: CallOptions;
  readonly #both: readonly string[];
  #now: Named = 'live';

  private constructor(
    session: Session,
    schemas: readonly string[],
    both: readonly string[],
    options: CallOptions,
  ) {
    this.#session = session;
    this.#schemas = schemas;
    this.#both = both;
    this.#options = options;
  }

  /** `both`: ids of functions and types that are the same object in both states, so they go with the names. */
  static async begin(
    session: Session,
    { schemas, both }: { readonly schemas: readonly string[]; readonly both: readonly string[] },
    options: CallOptions,
  ): Promise<SchemasApart> {
    const apart = new SchemasApart(session, schemas, both, options);
    await apart.#run(
      schemas.flatMap((_schema, index) => [
        `CREATE SCHEMA ${quoteIdentifier(resting('next', index))}`,
        // Nobody else sees it, and it goes before anybody could; owners of what is made in it need no rights so.
        `GRANT ALL ON SCHEMA ${quoteIdentifier(resting('next', index))} TO PUBLIC`,
      ]),
    );
    await apart.under('next');
    return apart;
  }

  /** Gives the names to one of the two states. */
  async under(named: Named): Promise<void> {
    if (named === this.#now) return;
    await this.#run(
      this.#schemas.flatMap((schema, index) => [
        rename(schema, resting(this.#now, index)),
        rename(resting(named, index), schema),
      ]),
    );
    const from = this.#schemas.map((_schema, index) => resting(this.#now, index));
    const moves = await this.#session.query<{ sql: string }>(
      bothSql,
      [this.#both, from, this.#schemas],
      this.#options,
    );
    if (moves.length > 0) await this.#run(moves.map(({ sql }) => sql));
    this.#now = named;
  }

  /** For `backTo`, when the transaction goes back to a savepoint that was set at this moment. */
  mark(): Named {
    return this.#now;
  }

  backTo(named: Named): void {
    this.#now = named;
  }

  /** Moves what was made into the live schemas, which are empty of what it replaces. */
  async moveIn(): Promise<void> {
    await this.under('live');
    for (const [index, schema] of this.#schemas.entries()) {
      const from = resting('next', index);
      const moves = await this.#session.query<{ sql: string }>(movableSql, [from, schema], this.#options);
      // Without CASCADE: whatever was not moved stops it.
      await this.#run([...moves.map(({ sql }) => sql), `DROP SCHEMA ${quoteIdentifier(from)}`]);
    }
  }

  async #run(statements: readonly string[]): Promise<void> {
    try {
      await this.#session.execute(statements.join(';\n'), this.#options);
    } catch (error) {
      this.#options.signal?.throwIfAborted();
      throw databaseError(error, 'target', 'Moving objects between schemas');
    }
  }
}

function rename(from: string, to: string): string {
  return `ALTER SCHEMA ${quoteIdentifier(from)} RENAME TO ${quoteIdentifier(to)}`;
}
