import { SyncError } from '../errors/sync-error.ts';

/** A document that cannot be searched, and why; never a value beyond its id. */
export interface RejectedDocument {
  readonly id: string;
  /** Null where no field is to blame, or it is not known which. */
  readonly field: string | null;
  readonly reason: string;
}

const listedMax = 100;
const namedMax = 20;
/** Of so many bad documents the query or the fields are wrong, and counting on teaches nothing. */
const countedMax = 10_000;

/** The bad documents of one build: all are counted, the first hundred kept. */
export class RejectedDocuments {
  readonly #first: RejectedDocument[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Whether it is not worth while to look for more. */
  get enough(): boolean {
    return this.#count >= countedMax;
  }

  get first(): readonly RejectedDocument[] {
    return this.#first;
  }

  add(document: RejectedDocument): void {
    this.#count += 1;
    if (this.#first.length < listedMax) this.#first.push(document);
  }

  /** Further ones, of which nothing is known. */
  addMore(count: number): void {
    this.#count += count;
  }
}

/** SEARCH_DOCUMENT_REJECTED, naming collection, documents and reasons; `count`: of all, where more are known. */
export function rejected(
  collection: string,
  documents: readonly RejectedDocument[],
  count = documents.length,
): SyncError {
  const [{ id, reason } = { id: '', reason: '' }, ...others] = documents.slice(0, namedMax);
  const shown = shownId(id);
  const more = others.map((one) => `"${shownId(one.id)}"${one.reason === reason ? '' : `: ${one.reason}`}`);
  const also = more.length === 0 ? '' : ` Nor ${more.join(', ')}.`;
  const all =
    count > more.length + 1 ? ` In all ${count} documents${count >= countedMax ? ' and more' : ''}.` : '';
  return new SyncError(
    'SEARCH_DOCUMENT_REJECTED',
    `Collection "${collection}" cannot take document "${shown}": ${reason}.${also}${all} The aliases were not moved.`,
    {
      details: {
        collection,
        document: shown,
        reason,
        documents: documents.slice(0, namedMax).map((one) => shownId(one.id)),
        count,
      },
    },
  );
}

export function shownId(id: string): string {
  return id.length > 200 ? `${id.slice(0, 200)}…` : id;
}
