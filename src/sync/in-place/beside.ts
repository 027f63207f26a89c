import { readCatalog } from '../../catalog/read-catalog.ts';
import type { CatalogModel } from '../../catalog/model.ts';
import type { ImportPlan } from '../../plan/import-plan.ts';
import type { Session } from '../../postgres/session.ts';
import type { Run } from '../contract/run.ts';
import { checkKeptDefinitions } from '../kept/kept-definitions.ts';
import { pairsOf } from '../kept/kept-tables.ts';
import { presentRelations } from '../kept/locked-tables.ts';
import type { Spool } from '../kept/spool.ts';
import { fillDatabase } from '../load/fill.ts';
import { inventoryScope } from '../prove/verify-inventory.ts';
import { SchemasApart } from './apart.ts';
import { dropAll, refuseChangedOutside, removedBy } from './drop-all.ts';
import { readDocumentsOnce, replacedTables } from './instead.ts';
import type { InPlaceInput, Made } from './instead.ts';
import { LateRows } from './late-rows.ts';
import { beforeTheRows } from './publications.ts';
import { refuseOldSafetyCopy } from './safety-copy.ts';
import { lockReplaced, TakingPlace } from './taking-place.ts';
import { proveWayBack } from './way-back.ts';

/**
 * Makes the new state while people use the live one, which bears the name of another schema in this transaction
 * alone, and lets it take the live one's place in the end. Readers wait while kept rows are carried over and for that
 * moment; who writes to a table that is replaced waits from the start, as what is written there would be lost. Begins
 * the transaction; ends with all of it proved, in its place.
 */
export async function makeBeside(
  run: Run,
  session: Session,
  spool: Spool,
  input: InPlaceInput,
): Promise<Made> {
  const { plan, reader, target } = input;
  const { report, signal } = run;
  const options = { signal, report };
  report.step('prepare', 'Keeping writers off what is to be replaced');
  const schemas = plan.schemas?.target ?? [];
  const keptIds = new Set(pairsOf(plan.keep).map(({ live }) => live.id));
  await lockReplaced(run, session, { mode: 'SHARE' }, async () => {
    const relations = await presentRelations(session, plan, options);
    return relations.filter(
      ({ owner, id, schema }) => owner === null && !keptIds.has(id) && schemas.includes(schema),
    );
  });
  await target.lock.holdIn(session, options);
  const model = await readCatalog(session, inventoryScope(plan, 'target'), options);
  checkKeptDefinitions(input.kept, model);
  refuseChangedOutside(model, plan);
  await refuseOldSafetyCopy(
    session,
    { tables: replacedTables(model, plan), model },
    input.safetyCopy,
    options,
  );
  const apart = await SchemasApart.begin(session, { schemas, both: sameInBoth(plan) }, options);
  const removed = removalOf(plan, model);
  await dropAll(session, removed.first, options);
  report.step('prepare', 'Trying an undo: loading the safety copy, and taking it back');
  const undo =
    input.safetyCopy === null
      ? { lacks: [] }
      : await proveWayBack(session, input.safetyCopy, { model, removed: [], apart: true }, options);
  const place = new TakingPlace(run, session, { input, model, apart, removed: removed.last });
  const keptTables = plan.keep.map(({ table }) => table);
  let readsKept = false;
  const filled = await fillDatabase(
    {
      team: [session],
      plan,
      reader,
      largeObjects: input.largeObjects,
      defusal: input.defusal,
      kept: new LateRows(plan, spool, (read) => place.whileLocked(read), options),
      beforeRows: beforeTheRows(plan.objects.filter(({ section }) => section === 'post-data')),
      beforeKept: async () => {
        readsKept = input.search !== null && (await input.search.reads(session, keptTables));
        // Nobody waits yet.
        if (!readsKept) await readDocumentsOnce(run, session, input.search);
      },
      beforeWhole: async () => {
        if (readsKept) await readDocumentsOnce(run, session, input.search);
        await place.take();
      },
    },
    options,
  );
  return { filled, undoLacks: undo.lacks };
}

/**
 * What is removed before anything is made, because it would act on that (rights that a role gives on all that it will
 * make; what was said of functions that keep their place), and what when all is made. What a role gives in a schema
 * acts on the schema itself, in which nothing is made.
 */
function removalOf(
  plan: ImportPlan,
  model: CatalogModel,
): Readonly<Record<'first' | 'last', CatalogModel['objects']>> {
  const removed = removedBy(plan, model);
  return {
    first: removed.filter(
      ({ id, facts, schema }) => plan.replaced.has(id) || (facts.forRole !== undefined && schema === null),
    ),
    last: removed.filter(({ id, facts }) => !plan.replaced.has(id) && facts.forRole === undefined),
  };
}

/** Functions that keep their place, and types that stay because they are the same. */
function sameInBoth({ replaced, staying }: ImportPlan): readonly string[] {
  return [...replaced, ...[...staying].filter((id) => /^(?:enum|domain|composite type):\d+$/.test(id))];
}
