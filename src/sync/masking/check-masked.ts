import type { CatalogModel, Reference } from '../../catalog/model.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { withReleasers } from '../../lib/releasers.ts';
import { tableName } from '../../lib/table-name.ts';
import type { Database } from '../../postgres/database.ts';
import { quoteIdentifier } from '../../postgres/identifiers.ts';
import type { CallOptions, Session } from '../../postgres/session.ts';
import type { Snapshot } from '../../postgres/snapshot.ts';
import { serverFact, sqlState } from '../../postgres/sqlstate.ts';
import { openTeam } from '../../postgres/team.ts';
import { fromOf, oidOf } from './apply-rules.ts';
import type { MaskedTable } from './apply-rules.ts';
import type { MaskedSource } from './mask-source.ts';
import { readTraits } from './traits.ts';
import type { TableTraits } from './traits.ts';

export interface CheckMaskedInput {
  readonly database: Database;
  readonly snapshot: Snapshot;
  readonly model: CatalogModel;
  readonly masked: MaskedSource | null;
  /** Ids of tables whose rows are read. */
  readonly read: ReadonlySet<string>;
  /** Whether large objects are read. */
  readonly largeObjects: boolean;
  readonly name: string;
}

/** A question about rows, and what is wrong if any answer it. */
interface Question {
  readonly sql: string;
  readonly fault: (rows: number) => string;
}

/**
 * Whether masked and filtered rows still are what the tables take: NOT NULL, lengths, checks, domains, unique keys,
 * foreign keys. Asked of the source's server over its rows, in its snapshot; no row leaves it. Returns a sentence for
 * what no mask reaches. CONFLICT_MASKS_UNFIT, CONFLICT_MASKS_REQUIRED.
 */
export async function checkMasked(input: CheckMaskedInput, options: CallOptions): Promise<readonly string[]> {
  const { masked } = input;
  if (masked === null) return [];
  const notes = ofLargeObjects(input, masked);
  return withReleasers(async (releasers) => {
    const [session] = await openTeam(input, 1, releasers, options);
    if (session === undefined) throw new Error('one session');
    const all = await readTraits(session, input.model.server.versionNum, options);
    const asked = [...questionsOfTables(masked, input.read), ...questionsOfKeys(input, masked, all)];
    const faults: string[] = [];
    for (const question of asked) {
      const fault = await ask(session, question, options);
      if (fault !== null) faults.push(fault);
    }
    if (faults.length === 0) return notes;
    throw new SyncError(
      'CONFLICT_MASKS_UNFIT',
      `Rows of "${input.name}" as masks and filters make them would not be taken: ${faults.join('; ')}.`,
      { details: { faults } },
    );
  });
}

function ofLargeObjects(
  {
    name,
    largeObjects,
    model: {
      largeObjects: { count },
    },
  }: CheckMaskedInput,
  { required }: MaskedSource,
): readonly string[] {
  if (!largeObjects || count === 0) return [];
  const sentence = `${count} large object(s) of "${name}" are read as they are: no mask reaches them.`;
  if (!required) return [sentence];
  throw new SyncError('CONFLICT_MASKS_REQUIRED', `"${name}" requires masks. ${sentence}`, {
    hint: 'Leave them out: the policy "exclude" for pg_catalog.pg_largeobject, or --leave-out "large objects".',
  });
}

async function ask(session: Session, { sql, fault }: Question, options: CallOptions): Promise<string | null> {
  await session.execute('SAVEPOINT masked', options);
  try {
    const [row] = await session.query<{ rows: string }>(sql, [], options);
    const rows = Number(row?.rows ?? 0);
    return rows === 0 ? null : fault(rows);
  } catch (error) {
    options.signal?.throwIfAborted();
    if (session.broken || sqlState(error) === null) throw error;
    return `${fault(0)}: ${serverFact(error)}`;
  } finally {
    if (!session.broken) await session.execute('ROLLBACK TO SAVEPOINT masked', options);
  }
}

function questionsOfTables({ tables }: MaskedSource, read: ReadonlySet<string>): readonly Question[] {
  const readOids = new Set([...read].map(oidOf));
  const trees = new Set(
    [...tables.values()].flatMap(({ traits }) => (readOids.has(traits.oid) ? traits.ancestors : [])),
  );
  return [...tables.values()].flatMap((table) => {
    const { traits, masks } = table;
    const isRoot = traits.partitioned && trees.has(traits.oid);
    if (masks.size === 0 || !(readOids.has(traits.oid) || isRoot)) return [];
    return [...(traits.partitioned ? [] : questionsOfColumns(table)), ...questionsOfUniques(table)];
  });
}

/** One pass over the table for each rule that may not fit, and for each check on a masked column. */
function questionsOfColumns({ traits, masks, rows, conditions }: MaskedTable): readonly Question[] {
  const table = tableName(traits);
  const as = `(${rows}\nOFFSET 0) AS ${quoteIdentifier(traits.name)}`;
  const where = conditions.length === 0 ? 'true' : conditions.join(' AND ');
  const columns = traits.columns.flatMap(({ name, notNull, domain, length, base, type }): Question[] => {
    const mask = masks.get(name);
    if (mask === undefined || !(mask.uncertain || domain)) return [];
    const quoted = quoteIdentifier(name);
    const bad = notNull ? `${quoted} IS NULL` : 'false';
    const tooLong =
      length === null || (base !== 'varchar' && base !== 'bpchar')
        ? []
        : [
            {
              sql: `SELECT count(*)::text AS rows FROM ${fromOf(traits)} AS ${quoteIdentifier(traits.name)} WHERE ${where} AND pg_catalog.length(${withoutCast(mask.sql, type)}::pg_catalog.text) > ${length}`,
              fault: (count: number) =>
                `${table} (${name}): ${masksOf(count)} longer than the ${length} characters it has room for`,
            },
          ];
    return [
      {
        // Each value is made, so each conversion and each domain is tried.
        sql: `SELECT (count(*) FILTER (WHERE ${bad}) + 0 * count(${quoted}))::text AS rows FROM ${as}`,
        fault: (count) =>
          count === 0
            ? `${table} (${name}): the mask fails`
            : `${table} (${name}): ${masksOf(count)} NULL, and the column is NOT NULL`,
      },
      ...tooLong,
    ];
  });
  const checks = traits.checks
    .filter((check) => readsMasked(traits, masks, check.columns))
    .map(({ name, expression }) => ({
      sql: `SELECT count(*)::text AS rows FROM ${as} WHERE NOT (${expression})`,
      fault: (count: number) => `${table}: ${rowsOf(count)} the check "${name}"`,
    }));
  return [...columns, ...checks];
}

function masksOf(count: number): string {
  return count === 1 ? '1 mask is' : `${count} masks are`;
}

function rowsOf(count: number): string {
  return count === 1 ? '1 masked row violates' : `${count || 'some'} masked rows violate`;
}

/** A cast to varchar(n) cuts what is longer; what it is made of tells. */
function withoutCast(sql: string, type: string): string {
  const [head, tail] = ['CAST(', ` AS ${type})`];
  return sql.startsWith(head) && sql.endsWith(tail) ? `(${sql.slice(head.length, -tail.length)}\n)` : sql;
}

/** Generated columns are made of masked ones too. */
function readsMasked(
  { columns }: TableTraits,
  masks: MaskedTable['masks'],
  names: readonly string[],
): boolean {
  return names.some(
    (name) =>
      masks.has(name) ||
      columns.find((column) => column.name === name)?.from.some((from) => masks.has(from)) === true,
  );
}

function questionsOfUniques({ traits, masks, rows }: MaskedTable): readonly Question[] {
  return traits.uniques
    .filter(({ exclusion }) => !exclusion)
    .filter(({ columns, expressions, predicate }) => {
      if (expressions || predicate !== null) return true;
      // One column whose values stay different keeps the keys different.
      if (!readsMasked(traits, masks, columns)) return false;
      return columns.every((column) => masks.has(column) && masks.get(column)?.distinct !== true);
    })
    .map(({ name, keys, predicate, nullsEqual }) => {
      const conditions = [
        ...(predicate === null ? [] : [predicate]),
        ...(nullsEqual ? [] : keys.map((key) => `(${key}) IS NOT NULL`)),
      ];
      const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
      return {
        sql: `SELECT count(*)::text AS rows FROM (
  SELECT FROM (${rows}\nOFFSET 0) AS ${quoteIdentifier(traits.name)}${where} GROUP BY ${keys.map((key) => `(${key})`).join(', ')} HAVING count(*) > 1
) AS twice`,
        fault: (count: number) =>
          `${tableName(traits)}: masks give ${count || 'some'} value(s) of the unique key "${name}" to ` +
          'more than one row',
      };
    });
}

/** Keys at one end of which something is masked, or to rows of which only some are read. */
function questionsOfKeys(
  { model, read }: CheckMaskedInput,
  { tables }: MaskedSource,
  all: readonly TableTraits[],
): readonly Question[] {
  const byOid = new Map(all.map((traits) => [traits.oid, traits]));
  const readOids = new Set([...read].map(oidOf));
  // A partitioned table is read through its partitions.
  const isRead = (oid: string): boolean =>
    readOids.has(oid) || all.some((traits) => readOids.has(traits.oid) && traits.ancestors.includes(oid));
  return model.objects.flatMap(({ identity, reference }) => {
    if (reference === undefined || reference.outside !== undefined || reference.period === true) return [];
    const [one, other] = [oidOf(reference.table), oidOf(reference.referenced)];
    const [here, there] = [byOid.get(one), byOid.get(other)];
    if (here === undefined || there === undefined || !isRead(one) || !isRead(other)) return [];
    if (!hangsOn(reference, tables.get(one), tables.get(other), [here, there])) return [];
    const rowsAt = (traits: TableTraits): string =>
      tables.get(traits.oid)?.rows ?? `SELECT * FROM ${fromOf(traits)}`;
    const key = reference.columns.map(({ name }) => `"one".${quoteIdentifier(name)}`);
    const equal = reference.columns.map(
      ({ name, referenced, equals }) =>
        `"other".${quoteIdentifier(referenced)} OPERATOR(${quoteIdentifier(equals.schema)}.${equals.name}) "one".${quoteIdentifier(name)}`,
    );
    const refers = reference.full ? `< ${key.length}` : '= 0';
    return [
      {
        sql: `SELECT count(*)::text AS rows FROM (${rowsAt(here)}) AS "one"
WHERE pg_catalog.num_nulls(${key.join(', ')}) ${refers}
  AND NOT EXISTS (SELECT FROM (${rowsAt(there)}) AS "other" WHERE ${equal.join(' AND ')})`,
        fault: (count: number) =>
          `${count || 'some'} row(s) of ${tableName(here)} point at rows of ${tableName(there)} that are not ` +
          `there, or not under that key (${identity})`,
      },
    ];
  });
}

/** Named rules make equal masks of equal values; of anything else only the rows tell. */
function hangsOn(
  { columns }: Reference,
  here: MaskedTable | undefined,
  there: MaskedTable | undefined,
  [one, other]: readonly [TableTraits, TableTraits],
): boolean {
  if (
    (there?.conditions.length ?? 0) > 0 &&
    there?.filters.some(({ pointing }) => pointing === 'follow') !== true
  )
    return true;
  return columns.some(({ name, referenced }) => {
    const [left, right] = [here?.rules.get(name), there?.rules.get(referenced)];
    if (left === undefined && right === undefined) return false;
    const alike =
      left?.kind === right?.kind && left?.kind !== 'sql' && left?.kind !== 'fixed' && left?.kind !== 'null';
    const typeOf = (traits: TableTraits, column: string): string | undefined =>
      traits.columns.find((found) => found.name === column)?.type;
    return !alike || typeOf(one, name) !== typeOf(other, referenced);
  });
}
