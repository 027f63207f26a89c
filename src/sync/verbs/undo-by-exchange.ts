import { SyncError } from '../../errors/sync-error.ts';
import type { CatalogModel } from '../../catalog/model.ts';
import { readCatalog } from '../../catalog/read-catalog.ts';
import { tableName } from '../../lib/table-name.ts';
import { digestHex, tableDigests } from '../../postgres/digest.ts';
import { quoteIdentifier } from '../../postgres/identifiers.ts';
import type { Session } from '../../postgres/session.ts';
import { databaseError } from '../../postgres/sqlstate.ts';
import type { Receipt } from '../contract/receipts.ts';
import type { Run } from '../contract/run.ts';
import { isUnsettled } from '../contract/unsettled.ts';
import { targetEnd } from '../ends/connect.ts';
import { keptUntil } from '../ends/kept-until.ts';
import type { OpenTarget } from '../ends/opened-target.ts';
import { databaseIdentity } from '../ends/target-facts.ts';
import { commitMerge } from '../merge/transaction.ts';
import { dropUndoSchema } from '../merge/before-images.ts';
import {
  definitionsOf,
  definitionsThatDiffer,
  describeKept,
  keptSchemaOf,
  oldSchemaOf,
  readKept,
} from '../switch/kept-objects.ts';
import type { KeptObjects } from '../switch/kept-objects.ts';
import { lastMoment } from '../switch/last-moment.ts';
import { lockedRelations } from '../switch/locked-relations.ts';
import { partObjects } from '../switch/parting.ts';
import type { Parting } from '../switch/parting.ts';
import { makeReceipt } from './make-receipt.ts';
import { searchBack } from './undo-search.ts';

/**
 * Puts the objects that a switch has put aside back in their place, in one short transaction, and those that are live
 * aside in turn. Tables whose rows are kept have never moved, so people's rows stay. Definitions that somebody has
 * changed since are named, and nothing is undone (CONFLICT_UNDO_CHANGED). CONFLICT_UNDO_GONE.
 */
export async function exchangeBack(
  run: Run,
  target: OpenTarget,
  receipt: Receipt,
  schema: string,
): Promise<Partial<Receipt>> {
  const { signal, report } = run;
  const options = { signal };
  if ((receipt.database ?? null) !== databaseIdentity(target.facts)) throw gone(receipt, schema);
  await using database = run.connect(targetEnd(target.environment), { access: 'write', connections: 3 });
  const session = await database.connect(options);
  try {
    const kept = await readKept(session, schema, options);
    if (kept === null || kept.job !== receipt.jobId || !(await areThere(session, kept, options)))
      throw gone(receipt, schema);
    const written = await writtenSince(session, receipt, kept, options);
    for (const sentence of written) report.log('warn', sentence);
    report.step('switch', 'Putting the former objects back in their place');
    await session.execute('BEGIN', options);
    await target.lock.holdIn(session, options);
    const undoSchema = keptSchemaOf(run.id);
    const until = await keptUntil(session, run.config.sync.keepDatabaseHours);
    const schemas = kept.schemas.map(({ live }, index) => ({ live, old: oldSchemaOf(run.id, index) }));
    const after = await putBack(run, session, kept, async ({ before, parted }) => {
      const aside = { ...kept, job: run.id, until, schemas, again: [...parted.again], after: kept.before };
      await describeKept(session, { ...aside, before: definitionsOf(before) }, options);
    });
    await dropUndoSchema(session, schema, options);
    const wrong = definitionsThatDiffer(kept.before, definitionsOf(after));
    if (wrong.length > 0)
      throw new SyncError(
        'MISMATCH_TABLES',
        `${wrong.length} object(s) did not come back as they were: ${wrong.join('; ')}. Nothing was undone.`,
        { details: { objects: wrong } },
      );
    const facts: Partial<Receipt> = {
      mode: 'switch',
      modeReason: 'the objects that the job put aside',
      undoSchema,
      database: databaseIdentity(target.facts),
      objects: after.objects.length,
      warnings: written,
    };
    const own = makeReceipt(run, 'rollback', run.now(), { target: target.environment.name, ...facts });
    await commitMerge(run, session, database, { target, receipt: own, search: false });
    await searchBack(run, target, receipt);
    return facts;
  } catch (error) {
    if (isUnsettled(error)) run.journal.leaveOpen();
    else signal.throwIfAborted();
    throw databaseError(error, 'target', `Undoing job "${receipt.jobId}"`);
  } finally {
    await session.rollback();
    await session.release();
  }
}

interface Aside {
  /** As it was until now. */
  readonly before: CatalogModel;
  readonly parted: Parting;
}

/** Resolves to the catalogue as it is then, with the locks held. */
async function putBack(
  run: Run,
  session: Session,
  kept: KeptObjects,
  keep: (aside: Aside) => Promise<void>,
): Promise<CatalogModel> {
  const { signal } = run;
  const schemas = kept.schemas.map(({ live }) => live);
  const scope = { schemas, withHanging: true };
  const read = (): Promise<CatalogModel> => readCatalog(session, scope, { signal });
  const leftOutKinds = new Set(kept.leftOutKinds);
  let before = await read();
  const stays = { staying: stayingOf(before, kept), replaced: new Set(kept.replaced) };
  let parted = partObjects(before, stays, leftOutKinds);
  await lastMoment(run, session, {
    schemas,
    relations: () =>
      lockedRelations(session, before, parted, { schemas, staying: stays.staying }, { signal }),
    read,
    decide: (now) => {
      refuseChangedSince(kept, now);
      before = now;
      parted = partObjects(now, stays, leftOutKinds);
      return {
        schemas: kept.schemas.map(({ live, old }, index) => ({
          live,
          old: oldSchemaOf(run.id, index),
          next: old,
        })),
        staying: new Set([...stays.staying, ...stays.replaced]),
        dropped: parted.dropped,
        made: kept.again,
      };
    },
    prepare: () => keep({ before, parted }),
  });
  return read();
}

/** What stayed in the switch, and what lies outside and needs nothing that moves. */
function stayingOf(
  { objects, restriction }: CatalogModel,
  { staying, replaced }: KeptObjects,
): ReadonlySet<string> {
  const stays = new Set([...staying, ...replaced]);
  const schemas = new Set(restriction?.schemas ?? []);
  for (const { id, kind, name, outside, dependsOn } of objects) {
    if (kind === 'schema' && schemas.has(name)) stays.add(id);
    if (outside !== undefined && dependsOn.every((need) => stays.has(need))) stays.add(id);
  }
  for (const id of replaced) stays.delete(id);
  return stays;
}

/** CONFLICT_UNDO_CHANGED names what is not as the switch left it. */
function refuseChangedSince(kept: KeptObjects, now: CatalogModel): void {
  const changed = kept.after === null ? [] : definitionsThatDiffer(kept.after, definitionsOf(now));
  if (changed.length === 0) return;
  throw new SyncError(
    'CONFLICT_UNDO_CHANGED',
    `Definitions were changed since job "${kept.job}": ${changed.join(', ')}. Nothing was undone.`,
    {
      details: { objects: changed },
      hint: 'An undo would lose these changes. Take them back first, or sync again instead.',
    },
  );
}

async function areThere(
  session: Session,
  { schemas }: KeptObjects,
  options: { readonly signal: AbortSignal },
): Promise<boolean> {
  const [row] = await session.query<{ there: boolean }>(
    'SELECT pg_catalog.bool_and(pg_catalog.to_regnamespace(s) IS NOT NULL) AS there FROM unnest($1::text[]) AS s',
    [schemas.map(({ old }) => quoteIdentifier(old))],
    options,
  );
  return row?.there === true;
}

/** A sentence with the tables whose rows are not those that the job brought: what was written goes aside with them. */
async function writtenSince(
  session: Session,
  { tables, jobId, defused }: Receipt,
  { schemas }: KeptObjects,
  options: { readonly signal: AbortSignal },
): Promise<readonly string[]> {
  // Of what was defused, the digests are those from before.
  const others = new Set(defused?.tables.map(({ table }) => table));
  const brought = new Map(
    tables.flatMap(({ table, digest }) =>
      digest === null || others.has(table) ? [] : [[table, digest] as const],
    ),
  );
  await session.execute('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY', options);
  const model = await readCatalog(session, { schemas: schemas.map(({ live }) => live) }, options);
  const asked = model.tables.filter((table) => brought.has(tableName(table)));
  const changed: string[] = [];
  await tableDigests(
    session,
    asked,
    (index, digest) => {
      const table = asked[index];
      if (table === undefined) return;
      if (brought.get(tableName(table)) !== digestHex(digest)) changed.push(tableName(table));
    },
    options,
  );
  await session.execute('COMMIT', options);
  return changed.length === 0
    ? []
    : [
        `What was written to ${changed.join(', ')} after job "${jobId}" goes aside with its tables: undoing this ` +
          'undo brings it back.',
      ];
}

function gone({ jobId }: Receipt, schema: string): SyncError {
  return new SyncError(
    'CONFLICT_UNDO_GONE',
    `The objects that job "${jobId}" put aside for its undo (schema "${schema}") are not in this database any more.`,
    { hint: 'Their time is over, or the database was replaced since. Nothing was changed.' },
  );
}
