import type { CatalogModel } from '../../catalog/model.ts';
import { asSyncError } from '../../errors/sync-error.ts';
import { withReleasers } from '../../lib/releasers.ts';
import type { Releasers } from '../../lib/releasers.ts';
import type { Database } from '../../postgres/database.ts';
import type { Session } from '../../postgres/session.ts';
import { databaseError } from '../../postgres/sqlstate.ts';
import type { Loaded } from '../contract/import-run.ts';
import type { Run } from '../contract/run.ts';
import { isUnsettled } from '../contract/unsettled.ts';
import { targetEnd } from '../ends/connect.ts';
import { keptUntil } from '../ends/kept-until.ts';
import { databaseIdentity } from '../ends/target-facts.ts';
import { commitSurely, transactionId } from '../in-place/commit.ts';
import { refuseChangedOutside, removedBy } from '../in-place/drop-all.ts';
import { refuseChanged } from '../in-place/taking-place.ts';
import { checkKeptDefinitions } from '../kept/kept-definitions.ts';
import type { Replacement } from '../load/replacement.ts';
import { readInventory } from '../prove/verify-inventory.ts';
import { followWithSearch } from '../search/follow-with-search.ts';
import type { SearchRun } from '../search/search-run.ts';
import { definitionsOf, describeKept, keptSchemaOf, oldSchemaOf, rememberAfter } from './kept-objects.ts';
import type { ExchangeInput } from './exchange.ts';
import { lastMoment } from './last-moment.ts';
import { lockedRelations } from './locked-relations.ts';
import { makeStaged } from './make-staged.ts';
import { inOrderOfSections } from './rehearse.ts';
import { lateObjects, partObjects } from './parting.ts';
import { dropStaged, stagedNames, Staging } from './staging.ts';
import { refuseSwitch } from './why-not.ts';

export interface SwitchInput extends Replacement {
  readonly search: SearchRun | null;
}

/**
 * Makes the target a copy by schemas beside the live ones (docs/adr/0028-switch.md): made, loaded by several sessions,
 * built and proved while everybody goes on; then one short transaction puts the live objects aside and the new ones in
 * their place, object by object. Tables whose rows are kept stay where they are. Whatever fails before the commit
 * leaves the target as it was; what was put aside is the undo.
 */
export async function switchTarget(run: Run, input: SwitchInput): Promise<Loaded> {
  const { environment } = input.target;
  const connections = run.config.sync.workers + 3;
  await using database = run.connect(targetEnd(environment), { access: 'write', connections });
  let loaded: Loaded;
  try {
    loaded = await withReleasers((releasers) => makeAndSwitch(run, releasers, database, input));
  } catch (error) {
    if (isUnsettled(error)) run.journal.leaveOpen();
    else await discard(run, database, input);
    run.signal.throwIfAborted();
    throw databaseError(error, 'target', `Switching "${environment.name}"`);
  }
  if (input.search !== null) await followWithSearch(run, input.search, database);
  return loaded;
}

async function makeAndSwitch(
  run: Run,
  releasers: Releasers,
  database: Database,
  input: SwitchInput,
): Promise<Loaded> {
  const { plan, reader, target, search } = input;
  const { signal, report } = run;
  const options = { signal, report };
  const schemas = plan.schemas?.target ?? [];
  const team: [Session, ...Session[]] = [await hold(releasers, database, signal)];
  while (team.length < run.config.sync.workers) team.push(await hold(releasers, database, signal));
  const [session] = team;
  const model = await readInventory(session, plan, 'target', options);
  await refuseSwitch(session, { name: target.environment.name, plan, model }, options);
  const { late } = lateObjects(plan);
  const staging = new Staging({
    schemas,
    both: sameInBoth(model, plan),
    jobId: run.id,
    attempt: run.attempt,
  });
  const habits = removedBy(plan, model).filter(({ facts }) => facts.forRole !== undefined);
  const proved = await makeStaged(run, {
    plan,
    reader,
    model,
    staging,
    late,
    habits,
    search,
    team,
  });

  const undoSchema = keptSchemaOf(run.id);
  const loaded: Loaded = { ...proved, keptDatabase: null, undoLacks: [], undoSchema };
  await putInPlace(run, session, database, { ...input, model, staging, late, loaded });
  return loaded;
}

interface PutInPlace extends SwitchInput {
  readonly model: CatalogModel;
  readonly staging: Staging;
  readonly late: ReadonlySet<string>;
  readonly loaded: Loaded;
}

/** The one transaction that people notice, if at all. */
async function putInPlace(run: Run, session: Session, database: Database, input: PutInPlace): Promise<void> {
  const { target, search, loaded, staging, plan } = input;
  const { signal, report } = run;
  const options = { signal };
  report.step('switch', 'Putting the new objects in the place of the live ones');
  await session.execute('BEGIN', options);
  await target.lock.holdIn(session, options);
  const receipt = input.receipt(loaded);
  const xid = await transactionId(session);
  await run.journal.write({
    entry: 'commit',
    xid,
    database: databaseIdentity(target.facts),
    receipt,
    search: search !== null,
  });
  const schemas = (plan.schemas?.target ?? []).map((live, index) => ({
    live,
    old: oldSchemaOf(run.id, index),
    next: staging.names[index] ?? '',
  }));
  const until = await keptUntil(session, run.config.sync.keepDatabaseHours);
  await exchangeAll(run, session, input, { schemas, until });
  signal.throwIfAborted();
  await commitSurely(session, xid, database);
  run.journal.keepEffect(receipt);
  await noteAfter(run, session, plan, schemas);
}

/** Ends with everything exchanged, and the locks held. */
async function exchangeAll(
  run: Run,
  session: Session,
  { plan, kept, model, late }: PutInPlace,
  { schemas, until }: Pick<ExchangeInput, 'schemas'> & { readonly until: number },
): Promise<void> {
  const options = { signal: run.signal };
  const live = schemas.map((one) => one.live);
  const made = plan.objects.filter(({ id }) => late.has(id));
  let before = model;
  let parted = partObjects(model, plan, plan.leftOutKinds);
  await lastMoment(run, session, {
    schemas: live,
    relations: () => lockedRelations(session, before, parted, { ...plan, schemas: live }, options),
    read: () => readInventory(session, plan, 'target', options),
    decide: (now) => {
      checkKeptDefinitions(kept, now);
      refuseChangedOutside(now, plan);
      refuseChanged(plan, { model, now });
      before = now;
      parted = partObjects(now, plan, plan.leftOutKinds);
      const staying = new Set([...plan.staying, ...plan.replaced]);
      return { schemas, staying, dropped: parted.dropped, made: inOrderOfSections(made) };
    },
    prepare: () =>
      describeKept(
        session,
        {
          version: 1,
          kind: 'switch',
          job: run.id,
          until,
          schemas: schemas.map(({ live: name, old }) => ({ live: name, old })),
          staying: [...plan.staying],
          replaced: [...plan.replaced],
          leftOutKinds: [...plan.leftOutKinds],
          again: [...parted.again],
          before: definitionsOf(before),
          after: null,
        },
        options,
      ),
  });
}

/** It is live: nothing is cancelled any more, and nothing fails. */
async function noteAfter(
  { id: job, report }: Run,
  session: Session,
  plan: SwitchInput['plan'],
  schemas: ExchangeInput['schemas'],
): Promise<void> {
  const options = { signal: new AbortController().signal };
  try {
    const after = await readInventory(session, plan, 'target', options);
    await rememberAfter(session, { job, schemas: [...schemas] }, after, options);
  } catch (error) {
    const sentence =
      'How the switch left the definitions could not be noted, so its undo cannot tell who changed them.';
    report.log('warn', sentence, { reason: asSyncError(error).message });
  }
}

/** Functions that keep their place, and types that stay because they are the same. */
function sameInBoth(
  { restriction, objects }: CatalogModel,
  { replaced, staying }: SwitchInput['plan'],
): readonly string[] {
  const inside = new Set(restriction?.schemas ?? []);
  const types = objects.filter(
    ({ id, kind, schema }) =>
      staying.has(id) && ['enum', 'domain', 'composite type'].includes(kind) && inside.has(schema ?? ''),
  );
  return [...replaced, ...types.map(({ id }) => id)];
}

/** What this run has made, no other's. What cannot be removed now is removed by the next run (openTarget). */
async function discard(
  { id: jobId, attempt, report }: Run,
  database: Database,
  { plan }: SwitchInput,
): Promise<void> {
  const names = stagedNames({ schemas: plan.schemas?.target ?? [], jobId, attempt });
  try {
    await database.withSession((session) => dropStaged(session, names));
  } catch (error) {
    report.log('warn', 'What was made beside the live objects is left to the next run, which removes it.', {
      reason: asSyncError(error).message,
    });
  }
}

async function hold(releasers: Releasers, database: Database, signal: AbortSignal): Promise<Session> {
  const session = await database.connect({ signal });
  releasers.defer(async () => {
    await session.rollback();
    await session.release();
  });
  return session;
}
