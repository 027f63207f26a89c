import type { CatalogModel } from '../../catalog/model.ts';
import type { Environment } from '../../environments/environment.ts';
import { withReleasers } from '../../lib/releasers.ts';
import { tableName } from '../../lib/table-name.ts';
import type { ImportPlan } from '../../plan/import-plan.ts';
import { onOtherEnd } from '../../plan/schema-names.ts';
import { qualifiedName } from '../../postgres/identifiers.ts';
import { rowsAsTable } from '../../postgres/rows.ts';
import type { TableRows } from '../../postgres/rows.ts';
import type { Queryable } from '../../postgres/session.ts';
import { databaseError } from '../../postgres/sqlstate.ts';
import type { PlannedRows } from '../contract/plan.ts';
import type { Inspection } from '../contract/run.ts';
import type { OpenSource } from '../source/open-source.ts';
import { bisect, differingKeys } from './bisect.ts';
import { openSides } from './open-sides.ts';
import { comparedPairs } from './pairs.ts';
import type { ComparedPair } from './pairs.ts';
import { shareOutPairs } from '../../postgres/share-out-pairs.ts';
import { sideOf } from './side.ts';

export interface ExactInput {
  readonly source: OpenSource;
  readonly target: { readonly environment: Environment; readonly model: CatalogModel };
  readonly plan: ImportPlan;
}

export interface ExactRows {
  /** By the name that the target's table has. */
  readonly rows: ReadonlyMap<string, PlannedRows>;
  /** A sentence for what could not be counted. */
  readonly notes: readonly string[];
}

/** What there is to count, and how much of it. */
interface Counting {
  readonly names: readonly string[];
  readonly bytes: number;
  readonly count: (ends: readonly [Queryable, Queryable], signal: AbortSignal) => Promise<PlannedRows>;
}

/**
 * Counts, table by table, the rows that a sync inserts, updates, deletes and keeps. No row travels: both servers
 * compare digests of groups of rows (bisect.ts), each in one snapshot. Only reads.
 */
export async function exactRows(run: Inspection, input: ExactInput): Promise<ExactRows> {
  const { source, target, plan } = input;
  return withReleasers(async (releasers) => {
    const pairs = await openSides(run, source, target.environment, plan.load.length, releasers);
    const [[, first] = []] = pairs;
    const closed = first === undefined ? [] : await closedTables(first, target.model, run.signal);
    const work = countings(input);
    const open = work.filter(({ names }) => !names.some((name) => closed.includes(name)));
    const rows = new Map<string, PlannedRows>();
    await shareOutPairs(
      open,
      ({ bytes }) => bytes,
      pairs,
      async ({ ask }, { names, count }, signal) => {
        const found = await count(ask, signal);
        const [name = ''] = names;
        rows.set(name, found);
      },
      run.signal,
    );
    const passedOver = work.filter((one) => !open.includes(one)).flatMap(({ names }) => names);
    return {
      rows,
      notes:
        passedOver.length === 0
          ? []
          : [
              `This role may not read all rows of ${passedOver.sort().join(', ')} in ` +
                `"${target.environment.name}": what happens to them is not counted.`,
            ],
    };
  });
}

/** Tables that this role may not read, or not all rows of. */
async function closedTables(
  session: Queryable,
  { tables }: CatalogModel,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const closed = await session.query<{ at: number }>(
    `SELECT at::int FROM unnest($1::text[]) WITH ORDINALITY AS wanted (name, at)
JOIN pg_catalog.pg_class AS c ON c.oid = pg_catalog.to_regclass(wanted.name)
WHERE NOT pg_catalog.has_table_privilege(c.oid, 'SELECT') OR pg_catalog.row_security_active(c.oid)`,
    [tables.map(({ schema, name }) => qualifiedName(schema, name))],
    { signal },
  );
  return closed.flatMap(({ at }) => {
    const table = tables[at - 1];
    return table === undefined ? [] : [tableName({ schema: table.schema, name: table.name })];
  });
}

function countings({ source, target, plan }: ExactInput): readonly Counting[] {
  const pairs = comparedPairs(plan, source.model, target.model);
  const paired = new Set(pairs.flatMap(({ names }) => names));
  const find = ({ tables }: CatalogModel, named: { readonly schema: string; readonly name: string }) =>
    tables.find(({ schema, name }) => schema === named.schema && name === named.name);
  const onlyHere = plan.load.filter((table) => !paired.has(tableName(onOtherEnd(plan.names, table))));
  const emptied = plan.empty.map((table) => onOtherEnd(plan.names, table));
  return [
    ...pairs.map((pair) => ({ names: pair.names, bytes: pair.bytes, count: countPair(pair) })),
    ...onlyHere.map((table) => ({
      names: [tableName(onOtherEnd(plan.names, table))],
      bytes: table.rawBytes,
      count: countOf('source', find(source.model, table) ?? table, (insert) => ({ ...none, insert })),
    })),
    ...emptied.map((table) => ({
      names: [tableName(table)],
      bytes: table.rawBytes,
      count: countOf('target', find(target.model, table) ?? null, (gone) => ({ ...none, delete: gone })),
    })),
    ...[...plan.keep, ...plan.stay.map((table) => ({ table, live: table }))].map(({ table, live }) => ({
      names: [tableName(table)],
      bytes: live?.bytes ?? 0,
      count: countOf('target', live, (keep) => ({ ...none, keep })),
    })),
  ];
}

const none: PlannedRows = { insert: 0, update: 0, delete: 0, keep: 0 };

function countOf(
  side: 'source' | 'target',
  table: TableRows | null,
  made: (rows: number) => PlannedRows,
): Counting['count'] {
  return async ([source, target], signal) => {
    if (table === null) return none;
    const session = side === 'source' ? source : target;
    const [row] = await session
      .query<{ rows: string }>(`SELECT count(*)::text AS rows FROM ${rowsAsTable(table)}`, [], { signal })
      .catch((error: unknown) => {
        signal.throwIfAborted();
        const name = tableName({ schema: table.schema, name: table.name });
        throw databaseError(error, side, `Counting the rows of table ${name}`);
      });
    return made(Number(row?.rows ?? 0));
  };
}

function countPair(pair: ComparedPair): Counting['count'] {
  return async ([source, target], signal) => {
    const [name = ''] = pair.names;
    const sides = [
      sideOf(source, pair.source, { side: 'source', name }),
      sideOf(target, pair.target, { side: 'target', name }),
    ] as const;
    const bisected = await bisect(sides, pair.rowsEstimated, { signal });
    const sum = { insert: 0, update: 0, delete: 0 };
    for await (const keys of differingKeys(sides, bisected, { signal })) {
      for (const key of keys) {
        const update = pair.source.key.length === 0 ? 0 : Math.min(key.source, key.target);
        sum.update += update;
        sum.insert += key.source - update;
        sum.delete += key.target - update;
      }
    }
    return { ...sum, keep: bisected.target.rows - sum.update - sum.delete };
  };
}
