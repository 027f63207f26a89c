import type { Environment } from '../../environments/environment.ts';
import type { MaskRule } from '../../environments/masking.ts';
import { tableName } from '../../lib/table-name.ts';
import { maskSql } from '../../masks/mask-sql.ts';
import { looksPersonal } from '../../masks/personal.ts';
import { sampleSql, shapesFound } from '../../masks/shapes.ts';
import type { FoundShape } from '../../masks/shapes.ts';
import type { Session } from '../../postgres/session.ts';
import { databaseError, serverFact, sqlState } from '../../postgres/sqlstate.ts';
import type { VerbDeps } from '../contract/run.ts';
import { connectAs, sourceEnd } from '../ends/connect.ts';
import { environmentNamed } from '../ends/environments.ts';
import { applyRules, fromOf } from '../masking/apply-rules.ts';
import { readTraits } from '../masking/traits.ts';
import type { ColumnTraits, TableTraits } from '../masking/traits.ts';

export interface SuggestedMask {
  /** Of a partitioned table, which stands for its partitions. */
  readonly table: string;
  readonly column: string;
  readonly type: string;
  /** What it was found by, in words. */
  readonly because: string;
  /** Null where none of the named rules fits its type: it needs an expression. */
  readonly rule: MaskRule['kind'] | null;
}

export interface MaskSuggestions {
  readonly environment: string;
  /** Columns that look personal and have no rule. */
  readonly suggestions: readonly SuggestedMask[];
  /** Columns that have one, `keep` too. */
  readonly ruled: number;
  /** A sentence for each table that could not be looked at. */
  readonly notes: readonly string[];
}

/**
 * Columns of an environment that look personal, by their names and comments, and by what their values look like in the
 * first thousand rows of each table: the server counts, and no value leaves it. Reads only.
 */
export async function suggestMasks(
  deps: VerbDeps,
  name: string,
  options: { readonly signal: AbortSignal },
): Promise<MaskSuggestions> {
  const environment = environmentNamed(deps.config, name);
  const connect = connectAs('masks');
  await using database = connect(sourceEnd(environment), { access: 'read', connections: 1 });
  try {
    // Awaited here: `await using` would close the database before it is asked.
    return await database.withSession((session) => suggestOn(session, environment, options), options.signal);
  } catch (error) {
    options.signal.throwIfAborted();
    throw databaseError(error, 'source', `Looking at the columns of "${name}"`);
  }
}

async function suggestOn(
  session: Session,
  { name, masking, schemas }: Environment,
  options: { readonly signal: AbortSignal },
): Promise<MaskSuggestions> {
  await session.execute('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY', options);
  try {
    const [server] = await session.query<{ version: number }>(
      "SELECT pg_catalog.current_setting('server_version_num')::int AS version",
      [],
      options,
    );
    const every = await readTraits(session, server?.version ?? 0, options);
    const rules = masking ?? { masks: [], filters: [], required: false, key: null };
    const { ruled } = applyRules(rules, every, []);
    const roots = new Set(every.filter(({ partitioned }) => partitioned).map(({ oid }) => oid));
    // A partition has the rules of its root.
    const tables = every.filter(
      ({ schema, ancestors }) =>
        schemas?.includes(schema) !== false && !ancestors.some((oid) => roots.has(oid)),
    );
    const suggestions: SuggestedMask[] = [];
    const notes: string[] = [];
    for (const traits of tables) {
      const open = traits.columns.filter(
        ({ name: column, generated }) => generated === null && !ruled.has(`${traits.oid}.${column}`),
      );
      const seen = await lookAt(session, traits, open, options);
      if (typeof seen === 'string') notes.push(`${tableName(traits)} could not be looked at: ${seen}.`);
      suggestions.push(
        ...open.flatMap((column) => suggestion(traits, column, typeof seen === 'string' ? [] : seen)),
      );
    }
    const count = tables.reduce(
      (sum, { oid, columns }) => sum + columns.filter((column) => ruled.has(`${oid}.${column.name}`)).length,
      0,
    );
    return { environment: name, suggestions, ruled: count, notes };
  } finally {
    await session.rollback();
  }
}

/** What values look like; a text where the server does not tell. */
async function lookAt(
  session: Session,
  traits: TableTraits,
  columns: readonly ColumnTraits[],
  options: { readonly signal: AbortSignal },
): Promise<readonly FoundShape[] | string> {
  const sql = sampleSql(fromOf(traits), columns);
  if (sql === null) return [];
  await session.execute('SAVEPOINT sample', options);
  try {
    const [row] = await session.query<{ counts: readonly string[] }>(sql, [], options);
    return shapesFound(columns, row?.counts ?? []);
  } catch (error) {
    options.signal.throwIfAborted();
    if (session.broken || sqlState(error) === null) throw error;
    return serverFact(error);
  } finally {
    if (!session.broken) await session.execute('ROLLBACK TO SAVEPOINT sample', options);
  }
}

function suggestion(
  traits: TableTraits,
  column: ColumnTraits,
  seen: readonly FoundShape[],
): readonly SuggestedMask[] {
  const shape = seen.find((found) => found.column === column.name);
  const named = looksPersonal(column);
  const rule = shape?.shape.rule ?? named;
  if (rule === null) return [];
  const because =
    shape === undefined
      ? 'its name or comment'
      : `${shape.matching} of ${shape.values} values look like ${shape.shape.looksLike}`;
  const fits = [rule, 'hash', 'null'] as const;
  return [
    {
      table: tableName(traits),
      column: column.name,
      type: column.type,
      because,
      rule: fits.find((kind) => typeof maskSql({ kind } as MaskRule, column) !== 'string') ?? null,
    },
  ];
}
