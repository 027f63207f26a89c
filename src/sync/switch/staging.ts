import { createHash } from 'node:crypto';
import { stagedSchemaPrefix } from '../../catalog/undo-schemas.ts';
import { restingSchema } from '../../catalog/restriction/resting-schemas.ts';
import { quoteIdentifier, quoteLiteral } from '../../postgres/identifiers.ts';
import type { CallOptions, Session } from '../../postgres/session.ts';
import { databaseError } from '../../postgres/sqlstate.ts';
import { bothSql } from '../in-place/apart.ts';
import { usualWaits } from '../in-place/objects-in-use.ts';

export interface StagingInput {
  /** The live schemas. */
  readonly schemas: readonly string[];
  /** Ids of functions and types that both states have: whoever has the schema's name has them too. */
  readonly both: readonly string[];
  readonly jobId: string;
  readonly attempt: string;
}

/**
 * Schemas of our own beside the live ones, committed, in which several sessions make what is to take their place. What
 * is written with the live schemas' names runs `named`: in a transaction for which the staged schemas have those names
 * (docs/adr/0024-beside-in-one-transaction.md). Nobody else may use them, and nobody else sees the names change. A run
 * that dies leaves them behind; `removeStaged` finds them by their names.
 */
export class Staging {
  /** Their own names, in the order of the live schemas. */
  readonly names: readonly string[];
  readonly #input: StagingInput;

  constructor(input: StagingInput) {
    this.names = stagedNames(input);
    this.#input = input;
  }

  async create(session: Session, options: CallOptions): Promise<void> {
    await run(
      session,
      this.names.flatMap((name) => [
        `CREATE SCHEMA ${quoteIdentifier(name)}`,
        `COMMENT ON SCHEMA ${quoteIdentifier(name)} IS ${quoteLiteral(`Multiboard Sync: made by job ${this.#input.jobId}`)}`,
      ]),
      options,
    );
  }

  /** Runs work in a transaction for which the staged schemas have the live ones' names, and commits it. */
  async named(session: Session, work: () => Promise<void>, options: CallOptions): Promise<void> {
    const { schemas } = this.#input;
    await session.execute('BEGIN', options);
    await this.#give(session, { to: 'staged' }, options);
    // Owners of what is made may be others, and nobody else sees this.
    const names = schemas.map(quoteIdentifier);
    await run(
      session,
      names.map((name) => `GRANT ALL ON SCHEMA ${name} TO PUBLIC`),
      options,
    );
    await work();
    await run(
      session,
      names.map((name) => `REVOKE ALL ON SCHEMA ${name} FROM PUBLIC`),
      options,
    );
    await this.#give(session, { to: 'live' }, options);
    await session.execute('COMMIT', options);
  }

  async #give(
    session: Session,
    { to }: { readonly to: 'staged' | 'live' },
    options: CallOptions,
  ): Promise<void> {
    const { schemas, both } = this.#input;
    const aside = schemas.map((_schema, index) => restingSchema('live', index));
    const renames = schemas.flatMap((schema, index) => {
      const [live, staged] = [aside[index] ?? '', this.names[index] ?? ''];
      return to === 'staged'
        ? [rename(schema, live), rename(staged, schema)]
        : [rename(schema, staged), rename(live, schema)];
    });
    await run(session, renames, options);
    const moves = await session.query<{ sql: string }>(
      bothSql,
      [both, to === 'staged' ? aside : this.names, schemas],
      options,
    );
    if (moves.length > 0)
      await run(
        session,
        moves.map(({ sql }) => sql),
        options,
      );
  }
}

/** The names of what one run stages, in the order of the live schemas. */
export function stagedNames({ schemas, jobId, attempt }: Omit<StagingInput, 'both'>): readonly string[] {
  const run = createHash('sha256').update(`${jobId} ${attempt}`).digest('hex').slice(0, 16);
  return schemas.map((_schema, index) => `${stagedSchemaPrefix}${run}_${index}`);
}

/** Removes what one run has staged, whoever holds the target's lock. */
export async function dropStaged(session: Session, names: readonly string[]): Promise<void> {
  for (const name of names) await session.execute(`DROP SCHEMA IF EXISTS ${quoteIdentifier(name)} CASCADE`);
}

/** Removes what runs that died have staged. The caller holds the target's lock, so no run makes any. */
export async function removeStaged(session: Session, options: CallOptions): Promise<readonly string[]> {
  const found = await session.query<{ name: string }>(
    `SELECT n.nspname::text AS name FROM pg_catalog.pg_namespace AS n
WHERE pg_catalog.starts_with(n.nspname, $1) AND pg_catalog.pg_has_role(n.nspowner, 'USAGE') ORDER BY 1`,
    [stagedSchemaPrefix],
    options,
  );
  for (const { name } of found)
    await session.execute(`DROP SCHEMA ${quoteIdentifier(name)} CASCADE`, options);
  return found.map(({ name }) => name);
}

/** A rename waits for whoever is changing the schema itself; nobody waits for us meanwhile. */
async function run(session: Session, statements: readonly string[], options: CallOptions): Promise<void> {
  try {
    await session.execute([usualWaits, ...statements].join(';\n'), options);
  } catch (error) {
    options.signal?.throwIfAborted();
    throw databaseError(error, 'target', 'Making schemas beside the live ones');
  }
}

function rename(from: string, to: string): string {
  return `ALTER SCHEMA ${quoteIdentifier(from)} RENAME TO ${quoteIdentifier(to)}`;
}
