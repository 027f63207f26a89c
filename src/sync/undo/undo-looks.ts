import type { Config } from '../../config/config.ts';
import { DumpReader } from '../../dump/dump-reader.ts';
import type { Manifest } from '../../dump/manifest.ts';
import { dumpVersion, findDump } from '../../dump/store.ts';
import type { Environment } from '../../environments/environment.ts';
import { asSyncError } from '../../errors/sync-error.ts';
import { collectionGone, realCollections } from '../../search/restore-aliases.ts';
import type { RealCollections } from '../../search/restore-aliases.ts';
import type { Asker } from '../contract/run.ts';
import { connectAs, targetEnd } from '../ends/connect.ts';
import { environmentsOn } from '../ends/in-use.ts';
import { undoTimeEnds } from '../ends/kept-until.ts';
import { openMaintenance } from '../ends/maintenance.ts';
import { markedDatabases } from '../ends/marker.ts';
import type { MarkedDatabase } from '../ends/marker.ts';
import { targetFacts } from '../ends/target-facts.ts';
import type { TargetFacts } from '../ends/target-facts.ts';
import { otherDatabase } from './undo-database.ts';
import type { UndoOrder } from './undo-order.ts';
import { undoBasis } from '../contract/undo-basis.ts';
import type { Receipt } from '../contract/receipts.ts';

/**
 * Of safety copies by their ids: where each was taken, and what tells that its files are still those that were read.
 */
export type KnownCopies = Map<string, { readonly version: string; readonly source: Manifest['source'] }>;

export interface UndoLooksInput {
  readonly config: Config;
  readonly now: () => number;
  /** Who looks often keeps them: a manifest grows with its dump. */
  readonly copies?: KnownCopies | undefined;
  readonly signal: AbortSignal | undefined;
  /** How long all of it may take. */
  readonly ms: number;
}

interface Found {
  /** Why an undo is no longer possible. */
  readonly gone: readonly string[];
  /** What soon will be gone, or could not be looked at. */
  readonly notes: readonly string[];
}
const allThere: Found = { gone: [], notes: [] };

/**
 * Looks at what undos need, each server once for all the jobs that are asked for. Changes nothing, takes no lock. What
 * could not be seen is a note, and no reason against an undo.
 */
export class UndoLooks {
  readonly #input: UndoLooksInput;
  readonly #time: AbortSignal;
  readonly #signal: AbortSignal;
  readonly #asked = new Map<string, Promise<unknown>>();

  constructor(input: UndoLooksInput) {
    this.#input = input;
    this.#time = AbortSignal.timeout(input.ms);
    this.#signal = input.signal === undefined ? this.#time : AbortSignal.any([input.signal, this.#time]);
  }

  async at(target: string, receipt: Receipt, order: UndoOrder): Promise<Found> {
    const environment = this.#input.config.environments.get(target);
    if (environment === undefined)
      return { gone: [`No environment is called "${target}" any more.`], notes: [] };
    const looks = [this.#atBasis(environment, receipt, order), this.#atSearch(environment, receipt)];
    const found = await Promise.all(
      looks.map((look) =>
        look.catch((error: unknown): Found => {
          this.#input.signal?.throwIfAborted();
          const why = this.#time.aborted
            ? `no answer within ${this.#input.ms / 1000} s`
            : asSyncError(error).message;
          return { gone: [], notes: [`It could not be found out whether an undo is possible: ${why}`] };
        }),
      ),
    );
    return { gone: found.flatMap(({ gone }) => gone), notes: found.flatMap(({ notes }) => notes) };
  }

  #once<T>(what: string, ask: () => Promise<T>): Promise<T> {
    const known = this.#asked.get(what);
    if (known !== undefined) return known as Promise<T>;
    const asked = ask();
    this.#asked.set(what, asked);
    return asked;
  }

  async #atBasis(environment: Environment, receipt: Receipt, order: UndoOrder): Promise<Found> {
    const basis = undoBasis(receipt);
    switch (basis.by) {
      case 'kept database':
        return this.#atKept(environment, receipt, basis.name);
      case 'safety copy':
        return this.#atSafetyCopy(environment, receipt, basis.dumpId, order);
      case 'kept schemas':
        return this.#atOwnSchema(environment, receipt, basis.schema, 'objects');
      case 'kept rows':
        return this.#atOwnSchema(environment, receipt, basis.schema, 'rows');
      case 'search':
        return allThere;
      case 'nothing':
        return { gone: [`Job ${receipt.jobId} kept nothing by which it could be undone.`], notes: [] };
      default:
        return basis satisfies never;
    }
  }

  #asker(jobId: string): Asker {
    const id = `${jobId} look`;
    return { id, signal: this.#signal, connect: connectAs(id) };
  }

  async #atOwnSchema(
    environment: Environment,
    { jobId }: Receipt,
    schema: string,
    what: 'objects' | 'rows',
  ): Promise<Found> {
    const { signal, connect } = this.#asker(jobId);
    await using database = connect(targetEnd(environment), { access: 'read', connections: 1 });
    const there = await database.withSession(
      (session) =>
        session.query<{ there: boolean }>(
          'SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1) AS there',
          [schema],
          { signal },
        ),
      signal,
    );
    if (there[0]?.there === true) return allThere;
    return {
      gone: [`The ${what} that job ${jobId} kept in schema "${schema}" for its undo are gone.`],
      notes: [],
    };
  }

  async #atKept(environment: Environment, { jobId, backup }: Receipt, kept: string): Promise<Found> {
    const { config, now } = this.#input;
    const own = await this.#once(`kept ${environment.name}`, () =>
      ownDatabases(this.#asker(jobId), environment),
    );
    if (own === null)
      return { gone: [], notes: [`It could not be found out whether the kept database "${kept}" is there.`] };
    const found = own.find(({ name, marker }) => name === kept && marker.jobId === jobId);
    if (found === undefined) {
      const instead = backup === null ? '' : `; its safety copy was ${backup.dumpId}`;
      return { gone: [`The database "${kept}" that job ${jobId} kept is gone${instead}.`], notes: [] };
    }
    const namedBy = environmentsOn(config.environments, kept);
    if (namedBy.length > 0)
      return {
        gone: [
          `The database "${kept}" that job ${jobId} kept now belongs to the environment "${namedBy.join('", "')}".`,
        ],
        notes: [],
      };
    const over = undoTimeEnds(found.marker, config.sync) < now();
    return {
      gone: [],
      notes: over
        ? [
            `The undo time of the kept database "${kept}" is over: the next run on ${environment.name} removes it.`,
          ]
        : [],
    };
  }

  async #atSafetyCopy(
    environment: Environment,
    receipt: Receipt,
    dumpId: string,
    order: UndoOrder,
  ): Promise<Found> {
    let source: Manifest['source'];
    try {
      source = await copySource(this.#input, dumpId);
    } catch (error) {
      const { message } = asSyncError(error);
      return {
        gone: [`The safety copy ${dumpId} of job ${receipt.jobId} cannot be read: ${message}`],
        notes: [],
      };
    }
    const facts = await this.#once(`facts ${environment.name}`, () =>
      factsOf(this.#asker(receipt.jobId), environment),
    );
    const other = otherDatabase({ environment, facts }, receipt, { source }, order);
    return { gone: other === null ? [] : [other], notes: [] };
  }

  async #atSearch({ name, search }: Environment, { collections }: Receipt): Promise<Found> {
    if (search === null || collections.length === 0) return allThere;
    const deps = { cluster: search, now: this.#input.now };
    const there: RealCollections = await this.#once(`search ${name}`, () =>
      realCollections(deps, { signal: this.#signal }),
    );
    const gone = collections.flatMap(({ alias, previous }) => {
      const fault = collectionGone(there, { alias, collection: previous });
      return fault === null ? [] : [fault.message];
    });
    return { gone, notes: [] };
  }
}

/** Databases of ours beside a target's; null where this role may connect to none from which they can be seen. */
async function ownDatabases(
  run: Asker,
  { database }: Environment,
): Promise<readonly MarkedDatabase[] | null> {
  await using maintenance = await openMaintenance(run, database);
  if (maintenance === null) return null;
  return (await markedDatabases(maintenance, database.parts.database, run)).own;
}

async function factsOf({ connect, signal }: Asker, environment: Environment): Promise<TargetFacts> {
  await using database = connect(targetEnd(environment), { access: 'read', connections: 1 });
  return await database.withSession(
    (session) => targetFacts(session, environment.database.parts.database, { signal }),
    signal,
  );
}

/** Where a safety copy was taken; it must be there, and whole as far as its manifest tells. STORAGE_*. */
async function copySource(
  { config, copies }: Pick<UndoLooksInput, 'config' | 'copies'>,
  dumpId: string,
): Promise<Manifest['source']> {
  const version = await dumpVersion(config, dumpId);
  const known = copies?.get(dumpId);
  if (known !== undefined && known.version === version) return known.source;
  const { paths, manifest } = await findDump(config, dumpId);
  await using reader = await DumpReader.open(paths.file, manifest);
  const { source } = reader.manifest;
  if (version !== null) copies?.set(dumpId, { version, source });
  return source;
}
