import type { Config } from '../../config/config.ts';
import type { Environment } from '../../environments/environment.ts';
import { SyncError } from '../../errors/sync-error.ts';
import type { Database } from '../../postgres/database.ts';
import type { Session } from '../../postgres/session.ts';
import type { Reporter } from '../../progress/progress.ts';
import { buildCollections } from '../../search/build-collections.ts';
import type { BuiltCollection } from '../../search/built-collection.ts';
import { checkQueries } from '../../search/check-queries.ts';
import type { CollectionConfig } from '../../search/collection-config.ts';
import { discardCollections } from '../../search/discard-collections.ts';
import { retireCollections } from '../../search/leftovers.ts';
import type { RejectedDocuments } from '../../search/rejected-documents.ts';
import { receiptOf, switchAliases } from '../../search/switch-aliases.ts';
import { tryDocuments } from '../../search/try-documents.ts';
import type { RunJournal } from '../contract/run.ts';
import type { CollectionReceipt } from '../contract/receipts.ts';
import { endedRunIds } from '../journal/run-id.ts';
import { goBackLater } from './go-back-later.ts';
import { collectionsRead } from './reads-tables.ts';
import { withRejectFile } from './reject-file.ts';

export interface SearchRunInput {
  readonly config: Pick<Config, 'directories'>;
  readonly environment: Environment;
  readonly collections: readonly CollectionConfig[];
  readonly runId: string;
  /** Of the lock that is held while this runs (lock-mark.ts). */
  readonly lockMark: string | null;
  /** Build also what is unchanged. */
  readonly rebuild?: boolean | undefined;
  readonly now: () => number;
}

export interface SearchRunOptions {
  readonly signal: AbortSignal;
  readonly report: Reporter;
}

/**
 * The search's part of a run: build from a database, later move the aliases, or discard what was built. Life:
 * `build` → `move` or `discard`; `discard` after a failed `build` or `move` removes what is left.
 */
export class SearchRun {
  readonly #input: SearchRunInput;
  readonly #journal: RunJournal;
  readonly #options: SearchRunOptions;
  #built: readonly BuiltCollection[] = [];
  #moved = false;
  receipts: readonly CollectionReceipt[] = [];

  constructor(journal: RunJournal, input: SearchRunInput, options: SearchRunOptions) {
    this.#journal = journal;
    this.#input = input;
    this.#options = options;
  }

  get #deps(): { readonly cluster: NonNullable<Environment['search']>; readonly now: () => number } {
    const { environment, now } = this.#input;
    if (environment.search === null) {
      throw new SyncError('CONFIG_SEARCH_MISSING', `The environment "${environment.name}" has no Typesense.`);
    }
    return { cluster: environment.search, now };
  }

  /** Whether the collections' queries read one of these tables, or might. */
  async reads(
    session: Session,
    tables: readonly { readonly schema: string; readonly name: string }[],
  ): Promise<boolean> {
    const { collections, environment } = this.#input;
    return collectionsRead(session, { collections, schema: environment.schema, tables }, this.#options);
  }

  /**
   * Whether every document can be read, within the session's transaction, which is of no use where one cannot.
   * SEARCH_*.
   */
  async check(session: Session): Promise<void> {
    const { collections, environment } = this.#input;
    const asking = { signal: this.#options.signal, side: 'target' } as const;
    await checkQueries(session, collections, environment.schema, asking);
    await tryDocuments(session, collections, environment.schema, asking);
  }

  async build(database: Database): Promise<void> {
    const { config, environment, collections, runId, lockMark, rebuild } = this.#input;
    const aliases = collections.map(({ name }) => name);
    await this.#journal.write({ entry: 'search', runId, aliases });
    let rejected: { readonly collection: string; readonly rejects: RejectedDocuments } | null = null;
    const onRejected = (collection: string, rejects: RejectedDocuments): void => {
      rejected = { collection, rejects };
    };
    try {
      this.#built = await buildCollections(
        { ...this.#deps, database, schema: environment.schema },
        {
          collections,
          runId,
          lockMark,
          keepUnchanged: rebuild !== true,
          onRejected,
          onLeft: () => this.#journal.leaveOpen(),
        },
        this.#options,
      );
    } catch (error) {
      throw await withRejectFile(config.directories, environment.name, rejected, error);
    }
  }

  /** Where the aliases will point. */
  goals(): readonly { readonly alias: string; readonly collection: string }[] {
    return this.#built.map(({ alias, collection }) => ({ alias, collection }));
  }

  /** What the receipt says of the collections before their aliases moved. */
  expectedReceipts(): readonly CollectionReceipt[] {
    return this.#built.map(receiptOf);
  }

  /**
   * All aliases or none; where one can neither move nor go back, the journal stays open, and the next run puts it
   * back. Not cancellable once the database is live: the signal of the run is not passed on.
   */
  async move(): Promise<void> {
    await this.#journal.note({ entry: 'alias goals', aliases: [...this.goals()] });
    try {
      this.receipts = await switchAliases(this.#deps, this.#built, {
        signal: new AbortController().signal,
        report: this.#options.report,
      });
    } catch (error) {
      const back = this.#built.map(({ alias, aliasBefore }) => ({ alias, collection: aliasBefore }));
      await goBackLater(this.#journal, back, error);
      throw error;
    }
    this.#moved = true;
    await this.#journal.note({ entry: 'aliases', moved: true });
  }

  /** Removes collections older than the one kept for undo; only a warning when that fails. */
  async retire(): Promise<void> {
    // Behind a collection that stayed is what the undo of an earlier job goes back to.
    const moved = this.receipts.filter(({ unchanged }) => unchanged !== true);
    const previous = new Map(moved.map((receipt) => [receipt.alias, receipt.previous]));
    const aliases = moved.map(({ alias }) => alias);
    try {
      await retireCollections(
        this.#deps,
        {
          aliases,
          previous,
          runIds: await endedRunIds(this.#input.config),
          lockMark: this.#input.lockMark,
        },
        { signal: new AbortController().signal },
      );
    } catch (error) {
      this.#options.report.log(
        'warn',
        'Old search collections could not be removed; the next run tries again.',
        {
          error: error instanceof SyncError ? error.code : 'INTERNAL',
        },
      );
    }
  }

  /** Removes collections that were built and are not live. */
  async discard(): Promise<void> {
    const unused = this.#built.filter(({ unchanged }) => !unchanged);
    if (this.#moved || unused.length === 0) return;
    const { left } = await discardCollections(this.#deps, unused);
    if (left.length > 0) this.#journal.leaveOpen();
    for (const { collection, error } of left) {
      this.#options.report.log('warn', 'A new collection could not be removed; the next run removes it.', {
        collection,
        reason: error.message,
      });
    }
  }
}
