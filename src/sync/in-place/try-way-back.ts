import type { CatalogModel } from '../../catalog/model.ts';
import type { DumpReader } from '../../dump/dump-reader.ts';
import type { ManifestTable } from '../../dump/manifest.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { tableName } from '../../lib/table-name.ts';
import type { ImportPlan } from '../../plan/import-plan.ts';
import { rowsToCompare, rowsToTry } from '../../plan/rows-made-again.ts';
import type { RunnableObject } from '../../plan/runnable-object.ts';
import type { Session } from '../../postgres/session.ts';
import type { Reporter } from '../../progress/progress.ts';
import { loadBlocks } from '../load/load-blocks.ts';
import { inOrderOfPasses, runObject } from '../load/run-objects.ts';
import { proofsOf } from '../prove/proofs.ts';
import { dropAll, removedBy } from './drop-all.ts';
import { runPieces } from './pieces.ts';
import type { Piece } from './pieces.ts';

/** Rows of a safety copy up to so many bytes are all loaded for the trial. */
const rowsBytesMax = 64 * 1024 * 1024;

export interface WayBack {
  /** Of the safety copy. */
  readonly reader: DumpReader;
  /** What an undo would do (planWayBack). */
  readonly plan: ImportPlan;
  /** The target as it is, read in this transaction. */
  readonly model: CatalogModel;
  /** What the run itself is going to remove. */
  readonly removed: ReturnType<typeof removedBy>;
  /** Whether the live objects are out of the way, under the names of other schemas, and people use them. */
  readonly apart: boolean;
}

export interface Tried {
  /** A sentence for each object that cannot be made again, or comes out different; none where all is well. */
  readonly faults: readonly string[];
  /** What the run removes is gone: the trial had to remove the same, and did not put it back. */
  readonly removed: boolean;
}

/**
 * Tries whether the target's own objects can be made again from its safety copy: makes them within the open
 * transaction that holds the locks, and rolls that back (ROLLBACK TO SAVEPOINT). Returns a sentence for each object
 * that cannot be made or comes out different. Rows: `rowsToTry`, counted, and `rowsToCompare` by digest; if not all are
 * loaded, foreign keys are checked and materialized views refreshed on the target's present rows. Memory: stream
 * buffers and the schema.
 */
export async function tryWayBack(
  session: Session,
  { reader, plan, model, removed, apart }: WayBack,
  given: { readonly signal: AbortSignal; readonly report: Reporter },
): Promise<Tried> {
  const options = { signal: given.signal, report: withoutItems(given.report) };
  // Where the rows lie nothing may be tried while people use them: then all are loaded, for which nobody waits.
  const again = { ...plan, there: model.objects };
  const rows = rowsToTry(again, apart ? Number.POSITIVE_INFINITY : rowsBytesMax);
  const faults: string[] = [];
  if (!rows.all) {
    const there = whereRowsLie(plan, model, options);
    faults.push(
      ...(await takenBack(session, options, async () => (await runPieces(session, there, options)).faults)),
    );
  }
  const tables = new Set(rows.tables.map(({ id }) => id));
  const objects = rows.all ? plan.objects : withoutOthersRows(plan.objects, plan.load, tables);
  const old = apart ? [] : removedBy(plan, model);
  const isSame =
    !apart &&
    old.length === removed.length &&
    old.every(({ id, dropSql }, index) => id === removed[index]?.id && dropSql === removed[index].dropSql);
  if (isSame) await dropAll(session, old, options);
  faults.push(
    ...(await takenBack(session, options, async () => {
      if (!isSame) await dropAll(session, old, options);
      const of = (section: RunnableObject['section']): readonly RunnableObject[] =>
        objects.filter((object) => object.section === section);
      const run = await runPieces(
        session,
        [
          ...of('pre-data').map((object) => piece(object, options)),
          ...inOrderOfFile(rows.tables, reader).map((table) => rowsPiece(reader, table, options)),
          ...inOrderOfPasses(of('post-data')).map((object) => piece(object, options)),
        ],
        options,
      );
      // What could not be made is missing in the comparison as well: said once.
      const isMade = ({ id }: { readonly id: string }): boolean => !run.failed.has(id);
      const made = { objects: objects.filter(isMade), sequences: plan.sequences.filter(isMade) };
      const loaded = new Set(rows.tables.filter(({ id }) => !run.failed.has(rowsId(id))).map(({ id }) => id));
      const digested = rowsToCompare(again).filter((table) => isMade(table) && loaded.has(table.id));
      return [
        ...run.faults,
        ...(await compared(session, { reader, plan: { ...plan, ...made } }, digested, options)),
      ];
    })),
  );
  return { faults, removed: isSame };
}

/** Runs work in a savepoint and rolls it back, with its locks. */
async function takenBack(
  session: Session,
  options: { readonly signal: AbortSignal },
  work: () => Promise<readonly string[]>,
): Promise<readonly string[]> {
  await session.execute('SAVEPOINT way_back', options);
  const faults = await work();
  await session.execute('ROLLBACK TO SAVEPOINT way_back; RELEASE SAVEPOINT way_back', options);
  return faults;
}

function piece(object: RunnableObject, options: { readonly signal: AbortSignal }): Piece {
  return {
    ...object,
    object,
    run: (session) => runObject(session, object, options),
  };
}

/** Tables of extensions have their foreign keys already: their rows come first, as the file has them. */
function inOrderOfFile(tables: readonly ManifestTable[], { manifest }: DumpReader): readonly ManifestTable[] {
  const place = new Map<string, number>();
  for (const [index, { table }] of manifest.segments.entries())
    if (table !== undefined && !place.has(table)) place.set(table, index);
  const rank = ({ id, extensionConfig }: ManifestTable): number =>
    extensionConfig ? (place.get(id) ?? 0) : Number.POSITIVE_INFINITY;
  return tables.toSorted((a, b) => (rank(a) === rank(b) ? 0 : rank(a) - rank(b)));
}

const rowsId = (table: string): string => `rows:${table}`;

function rowsPiece(
  reader: DumpReader,
  table: ManifestTable,
  options: { readonly signal: AbortSignal; readonly report: Reporter },
): Piece {
  return {
    id: rowsId(table.id),
    identity: `rows of ${tableName(table)}`,
    dependsOn: [table.id],
    partOf: null,
    object: null,
    run: (session) => loadBlocks(reader, new Map([[table.id, table]]), [session], options),
  };
}

/** Foreign keys and refreshes, made again in the target as it is. */
function whereRowsLie(
  { objects }: ImportPlan,
  model: CatalogModel,
  options: { readonly signal: AbortSignal },
): readonly Piece[] {
  const kinds = new Set(['foreign key', 'refresh']);
  const again = new Map(model.objects.map(({ identity, dropSql }) => [identity, dropSql]));
  // An object without a DROP statement of its own is dropped and made with its parent.
  const tried = objects.filter(
    ({ kind, identity }) =>
      kinds.has(kind) && again.has(identity) && (kind === 'refresh' || again.get(identity) !== null),
  );
  const drops = tried.toReversed().flatMap((object): Piece[] => {
    const sql = again.get(object.identity) ?? null;
    return sql === null
      ? []
      : [{ ...piece({ ...object, sql }, options), id: `drop:${object.id}`, dependsOn: [], partOf: null }];
  });
  return [...drops, ...inOrderOfPasses(tried).map((object) => piece(object, options))];
}

/** Without objects that need rows which are not loaded, and without what depends on those. */
function withoutOthersRows(
  objects: readonly RunnableObject[],
  load: readonly ManifestTable[],
  loaded: ReadonlySet<string>,
): readonly RunnableObject[] {
  const lacking = new Set(load.map(({ id }) => id).filter((id) => !loaded.has(id)));
  const out = new Set<string>();
  for (const object of objects) {
    const { id, kind, locks, dependsOn, partOf } = object;
    const meets =
      kind === 'refresh' || (kind === 'foreign key' && locks.some(({ table }) => lacking.has(table)));
    if (meets || out.has(partOf ?? '') || dependsOn.some((need) => out.has(need))) out.add(id);
  }
  return objects.filter(({ id }) => !out.has(id));
}

/** Everything that an undo would prove. */
async function compared(
  session: Session,
  { reader, plan }: Pick<WayBack, 'reader' | 'plan'>,
  tables: readonly ManifestTable[],
  options: { readonly signal: AbortSignal; readonly report: Reporter },
): Promise<readonly string[]> {
  // Large objects are no part of a trial (planWayBack), and no schema gets another name.
  const largeObjects = { owners: true, privileges: true, roles: {} };
  const proofs = proofsOf(
    { team: [session], reader, plan, tables, largeObjects, othersUnderSource: [] },
    { ...options, report: { ...options.report, log: () => {} } },
  );
  const faults: string[] = [];
  for (const moment of Object.values(proofs))
    for (const proof of Object.values<() => Promise<unknown>>(moment))
      faults.push(...(await differences(proof)));
  return faults;
}

/** What a comparison names, a sentence each. */
async function differences(compare: () => Promise<unknown>): Promise<readonly string[]> {
  try {
    await compare();
    return [];
  } catch (error) {
    if (!(error instanceof SyncError) || error.code !== 'MISMATCH_TABLES') throw error;
    const { objects, tables, sequences } = error.differing;
    return [
      ...objects,
      ...tables.map((name) => `rows of ${name} come out different`),
      ...sequences.map((name) => `sequence ${name} comes out different`),
    ];
  }
}

/** The trial reports no progress; only the run does. */
function withoutItems(report: Reporter): Reporter {
  return { ...report, itemStarted: () => {}, itemAdvanced: () => {}, itemDone: () => {} };
}
