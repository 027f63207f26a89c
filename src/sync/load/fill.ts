import type { DumpReader } from '../../dump/dump-reader.ts';
import type { ErrorCode } from '../../errors/catalogue.ts';
import type { ImportPlan } from '../../plan/import-plan.ts';
import type { RunnableObject } from '../../plan/runnable-object.ts';
import type { Session } from '../../postgres/session.ts';
import type { Reporter } from '../../progress/progress.ts';
import type { Proved } from '../contract/receipts.ts';
import { schemaNamingOf } from './schema-naming.ts';
import type { NamesOf, SchemaNaming } from './schema-naming.ts';
import { pairsOf, setKeptSequences } from '../kept/kept-tables.ts';
import type { KeptRows } from '../kept/kept-rows.ts';
import { tellingReferences } from '../kept/references/load-references.ts';
import { loadLargeObjects } from '../large-objects/load.ts';
import type { LargeObjectsTarget } from '../large-objects/load.ts';
import { proofsOf, prove } from '../prove/proofs.ts';
import { verifyMembers } from '../prove/verify-members.ts';
import type { Defused } from '../contract/receipts.ts';
import { analyzeTables } from './analyze.ts';
import { defuse } from './defuse.ts';
import type { DefusalInput } from './defuse.ts';
import { loadBlocks } from './load-blocks.ts';
import { runObjectsInOrder } from './run-in-order.ts';
import { inOrderOfPasses, runObjectsParallel } from './run-objects.ts';
import { stagesOf } from './stages.ts';

export interface FillInput {
  /** Sessions on the database, which has nothing yet of what comes: several, or the one of a transaction. */
  readonly team: readonly [Session, ...Session[]];
  readonly plan: ImportPlan;
  readonly reader: DumpReader;
  readonly largeObjects: LargeObjectsTarget;
  readonly kept: KeptRows;
  /** Runs when all that is copied is proved; null for nothing. */
  readonly defusal: DefusalInput | null;
  /** Ids of post-data objects that are made before the rows. */
  readonly beforeRows?: ReadonlySet<string>;
  /** Called when all rows are in and proved, before sequences and definitions are. */
  readonly beforeWhole?: () => Promise<void>;
  /** Called when all that is copied is proved, before anybody waits because of kept rows; under the source's names. */
  readonly beforeKept?: (schemas: SchemaNaming) => Promise<void>;
}

export interface FillOptions {
  readonly signal: AbortSignal;
  readonly report: Reporter;
}

/**
 * Makes a database what the plan says, and proves it, whatever the mode: objects, large objects, rows, indexes and
 * constraints, statistics; every table compared; kept rows and what waits for them; sequences and definitions
 * compared (`prove/proofs.ts` has the list). The only place where a new database is filled. Leaves the schemas with
 * the target's names. Errors: TARGET_*, MISMATCH_TABLES, STORAGE_DUMP_DAMAGED. Memory: stream buffers
 * and the catalogue.
 */
export async function fillDatabase(input: FillInput, options: FillOptions): Promise<Proved> {
  const { team, plan, kept } = input;
  const [first] = team;
  const schemas = schemaNamingOf(first, plan, options);
  const { othersUnderSource } = schemas;
  const tables = [...plan.load, ...plan.empty];
  const proofs = proofsOf({ ...input, tables, othersUnderSource }, options);
  await schemas.prepare();
  const unanalyzed = await makeAndLoad(input, schemas, options);
  options.report.step('verify', 'Comparing every table with the source');
  const copied = await prove(proofs.copied);
  const defused = await defuseProved(input, schemas, options);

  await schemas.under('source');
  await input.beforeKept?.(schemas);
  await schemas.under('target');
  const brought = kept.isAny
    ? await bringKept(input, schemas, options)
    : { tables: [], largeObjects: null, notes: [] };

  await schemas.under('source');
  await input.beforeWhole?.();
  const { definitions: otherwise } = await prove(proofs.whole);
  await schemas.finish();
  await prove(proofs.named);
  const notes = [...unanalyzed, ...brought.notes, ...otherwise];
  for (const note of notes) options.report.log('warn', note);
  return {
    notes,
    defused,
    tables: [...copied.rows, ...brought.tables],
    largeObjects: plan.largeObjects === 'keep' ? brought.largeObjects : copied.largeObjects,
  };
}

/** Objects, rows and statistics of what is copied, without what waits for kept rows; which tables lack statistics. */
async function makeAndLoad(
  input: FillInput,
  schemas: SchemaNaming,
  options: FillOptions,
): Promise<readonly string[]> {
  const { team, plan, reader, beforeRows } = input;
  const [first] = team;
  const inOrder = (objects: readonly RunnableObject[]): Promise<void> =>
    runObjectsInOrder(first, objects, options);
  const of = (section: RunnableObject['section']): readonly RunnableObject[] =>
    plan.objects.filter((object) => object.section === section);
  const early = (object: RunnableObject): boolean => beforeRows?.has(object.id) === true;
  await inStages(of('pre-data'), plan, schemas, inOrder);
  await inStages(of('post-data').filter(early), plan, schemas, inOrder);
  await schemas.under('source');
  await verifyMembers(first, plan.members, reader.manifest.source.serverVersionNum, options);

  options.report.step('load', 'Loading rows');
  if (plan.largeObjects === 'copy') await loadLargeObjects(reader, team, input.largeObjects, options);
  await loadBlocks(reader, new Map(plan.load.map((table) => [table.id, table])), team, options);

  options.report.step('build', 'Building indexes and constraints');
  const now = of('post-data').filter((object) => !early(object) && !plan.late.has(object.id));
  await inStages(now, plan, schemas, (objects) => runPostData(team, objects, options));
  await schemas.under('source');
  return analyzeTables(team, plan.load, options);
}

/**
 * Runs the target's reviewed SQL, under its own names. What was made of rows before (contents of materialized views,
 * statistics with the most common values) is made again, so that it holds nothing of what is gone.
 */
async function defuseProved(
  { team, plan, defusal }: FillInput,
  schemas: SchemaNaming,
  options: FillOptions,
): Promise<Defused | null> {
  if (defusal === null) return null;
  const [first] = team;
  await schemas.under('target');
  const defused = await defuse(first, defusal, options);
  for (const { table, ...rows } of defused.tables)
    options.report.log('info', 'Defused a table.', { table, ...rows });
  const refreshes = plan.objects.filter(({ id, kind }) => kind === 'refresh' && !plan.late.has(id));
  await inStages(refreshes, plan, schemas, (objects) => runObjectsInOrder(first, objects, options));
  await schemas.under('source');
  await analyzeTables(team, plan.load, options);
  return defused;
}

/** Kept rows, and what waits for them: indexes, foreign keys, refreshes, their sequences, their statistics. */
async function bringKept(
  { team, plan, kept, beforeRows }: FillInput,
  schemas: SchemaNaming,
  options: FillOptions,
): Promise<Omit<Proved, 'defused'>> {
  const [first] = team;
  options.report.step('keep', kept.title);
  const brought = await kept.bring(first);
  const late = plan.objects.filter(({ id }) => plan.late.has(id) && beforeRows?.has(id) !== true);
  await inStages(late, plan, schemas, (objects, end) =>
    tellingReferences(first, { ...plan, end }, options, () =>
      runPostData(team, objects, { ...options, fallback: 'TARGET_KEPT_TABLE' }),
    ),
  );
  await schemas.under('target');
  await setKeptSequences(first, plan.keptSequences, await kept.sequenceStates(), options);
  const tables = pairsOf(plan.keep).map(({ table }) => table);
  const notes = await analyzeTables(team, tables, options);
  return { ...brought, notes };
}

/** Objects in the order in which they can be made, each under the names in which its statement is written. */
async function inStages(
  objects: readonly RunnableObject[],
  plan: ImportPlan,
  schemas: SchemaNaming,
  run: (objects: readonly RunnableObject[], end: NamesOf) => Promise<void>,
): Promise<void> {
  for (const stage of stagesOf(objects, plan)) {
    await schemas.under(stage.end);
    await run(stage.objects, stage.end);
  }
}

/** Side by side on several sessions; one after the other within a transaction, without waiting for each answer. */
async function runPostData(
  team: readonly [Session, ...Session[]],
  objects: readonly RunnableObject[],
  options: FillOptions & { readonly fallback?: ErrorCode },
): Promise<void> {
  const { report } = options;
  const onDone = ({ identity }: RunnableObject): void => {
    report.itemStarted(identity);
    report.itemDone(identity);
  };
  const [first] = team;
  if (first.inTransaction) await runObjectsInOrder(first, inOrderOfPasses(objects), { ...options, onDone });
  else await runObjectsParallel(team, objects, { ...options, onDone });
}
