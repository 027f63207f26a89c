import type { ManifestTable } from '../../dump/manifest.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { tableName } from '../../lib/table-name.ts';
import type { RunnableObject } from '../../plan/runnable-object.ts';
import type { Session } from '../../postgres/session.ts';
import type { CatalogModel } from '../../catalog/model.ts';
import type { Run } from '../contract/run.ts';
import type { Proved } from '../contract/receipts.ts';
import { dropAll } from '../in-place/drop-all.ts';
import { readDocumentsOnce } from '../in-place/instead.ts';
import { analyzeTables } from '../load/analyze.ts';
import { loadBlocks } from '../load/load-blocks.ts';
import type { Replacement } from '../load/replacement.ts';
import { runObjectsInOrder } from '../load/run-in-order.ts';
import { inOrderOfPasses } from '../load/run-objects.ts';
import { verifySequences, verifyTables } from '../prove/verify-load.ts';
import type { SearchRun } from '../search/search-run.ts';
import { rehearse } from './rehearse.ts';
import type { Staging } from './staging.ts';

export interface StagedInput extends Pick<Replacement, 'plan' | 'reader'> {
  readonly staging: Staging;
  /** The target as it is. */
  readonly model: CatalogModel;
  /** Ids of what is made in the last moment. */
  readonly late: ReadonlySet<string>;
  /** What this role gives on all that it makes: nothing of it may come to what is made. */
  readonly habits: CatalogModel['objects'];
  readonly search: SearchRun | null;
  readonly team: readonly [Session, ...Session[]];
}

/** Kinds that run code of the schemas while rows are loaded. */
const code: ReadonlySet<string> = new Set([
  'function',
  'procedure',
  'aggregate',
  'operator',
  'operator class',
]);

/**
 * Makes what is to take the place of the live objects, in schemas of its own, loads it on several sessions, builds and
 * proves it. Committed in three steps; nobody who uses the live objects notices, or waits.
 */
export async function makeStaged(run: Run, input: StagedInput): Promise<Proved> {
  const { plan, reader, model, staging, late, habits, search, team } = input;
  const { report, signal } = run;
  const options = { signal, report };
  const [first] = team;
  const now = plan.objects.filter(({ id }) => !late.has(id));
  const of = (section: RunnableObject['section']): readonly RunnableObject[] =>
    now.filter((object) => object.section === section);

  report.step('prepare', 'Making the tables beside the live ones');
  await staging.create(first, options);
  await staging.named(
    first,
    async () => {
      await dropAll(first, habits, options);
      await runObjectsInOrder(first, of('pre-data'), options);
      const again = plan.objects.filter(({ id, facts }) => late.has(id) && facts.forRole !== undefined);
      await runObjectsInOrder(first, again, options);
    },
    options,
  );

  report.step('load', 'Loading rows');
  const staged = new StagedNames(plan.schemas?.target ?? [], staging.names);
  const withCode = tablesWithCode(now);
  const [alone, together] = [true, false].map((runs) =>
    plan.load.filter(({ id, extensionConfig }) => (withCode.has(id) || extensionConfig) === runs),
  ) as [ManifestTable[], ManifestTable[]];
  await staged.told(() =>
    loadBlocks(reader, byId(together.map((table) => staged.table(table))), team, {
      ...options,
      report: staged.reporter(report),
    }),
  );
  let notes: readonly string[] = [];
  await staging.named(
    first,
    async () => {
      if (alone.length > 0) await loadBlocks(reader, byId(alone), [first], options);
      report.step('build', 'Building indexes and constraints');
      await runObjectsInOrder(first, inOrderOfPasses(of('post-data')), {
        ...options,
        onDone: ({ identity }) => {
          report.itemStarted(identity);
          report.itemDone(identity);
        },
      });
      await verifySequences(first, plan.sequences, options);
      notes = await analyzeTables([first], plan.load, options);
      const { serverVersionNum: sourceVersionNum } = reader.manifest.source;
      report.step('verify', 'Comparing all definitions with the source');
      const own = await rehearse(first, { plan, model, late, sourceVersionNum }, options);
      notes = [...notes, ...own];
      if (plan.stay.length === 0) await readDocumentsOnce(run, first, search);
    },
    options,
  );

  report.step('verify', 'Comparing every table with the source');
  const all = [...plan.load, ...plan.empty];
  const receipts = await staged.told(() =>
    verifyTables(
      team,
      all.map((table) => staged.table(table)),
      {
        ...options,
        report: staged.reporter(report),
      },
    ),
  );
  return {
    tables: receipts.map((one) => ({ ...one, table: staged.live(one.table) })),
    notes,
    // A target with SQL that defuses is refused (checkDefusal).
    defused: null,
    largeObjects: null,
  };
}

const byId = (tables: readonly ManifestTable[]): ReadonlyMap<string, ManifestTable> =>
  new Map(tables.map((table) => [table.id, table]));

/** Ids of tables that need functions of the schemas, directly or by their types: those look for names of their own. */
function tablesWithCode(objects: readonly RunnableObject[]): ReadonlySet<string> {
  const needs = new Set<string>();
  for (const { id, kind, dependsOn, partOf } of objects) {
    const runs = code.has(kind) || dependsOn.some((need) => needs.has(need));
    if (!runs) continue;
    needs.add(id);
    // A check, a default or a generated column of its own statement.
    if (partOf !== null) needs.add(partOf);
  }
  return needs;
}

/** Tables under the names of the staged schemas, and what is told of them under the live ones'. */
class StagedNames {
  readonly #staged: ReadonlyMap<string, string>;

  constructor(live: readonly string[], staged: readonly string[]) {
    this.#staged = new Map(live.map((schema, index) => [schema, staged[index] ?? schema]));
  }

  table(table: ManifestTable): ManifestTable {
    const of = (schema: string): string => this.#staged.get(schema) ?? schema;
    const { loadThrough } = table;
    return {
      ...table,
      schema: of(table.schema),
      searchPath: table.searchPath?.map(of),
      ...(loadThrough === null || loadThrough === undefined
        ? {}
        : { loadThrough: { ...loadThrough, schema: of(loadThrough.schema) } }),
    };
  }

  live(text: string): string {
    let told = text;
    for (const [live, staged] of this.#staged) {
      const [from, to] = [staged, live].map((schema) => tableName({ schema, name: 'x' }).slice(0, -1));
      told = told.replaceAll(from ?? '', to ?? '');
    }
    return told;
  }

  /** Runs work whose errors name tables by the staged schemas. */
  async told<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof SyncError)) throw error;
      const details = JSON.parse(this.live(JSON.stringify(error.details ?? null))) as typeof error.details;
      throw new SyncError(error.code, this.live(error.message), {
        cause: error,
        hint: error.hint,
        ...(details === null ? {} : { details }),
      });
    }
  }

  reporter(report: Run['report']): Run['report'] {
    return {
      ...report,
      itemStarted: (name, expected) => {
        report.itemStarted(this.live(name), expected);
      },
      itemAdvanced: (name, rows, bytes) => {
        report.itemAdvanced(this.live(name), rows, bytes);
      },
      itemDone: (name) => {
        report.itemDone(this.live(name));
      },
    };
  }
}
