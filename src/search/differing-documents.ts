import { createHash } from 'node:crypto';
import { hashField } from './collection-config.ts';
import { documentProof } from './document-proof.ts';

/** How one stored document differs from the database; never a value of it. */
export interface DifferingDocument {
  readonly id: string;
  readonly state: 'missing' | 'foreign' | 'different';
  /** Of a different one: the keys whose values differ, as far as both were at hand. */
  readonly keys: readonly string[];
}

/** In how many documents a collection and the database differ. */
export interface DocumentDifferences {
  /** In the database and not in the collection. */
  readonly missing: number;
  /** In the collection and not in the database. */
  readonly foreign: number;
  readonly different: number;
  /** Keys that stored documents have and those of the database have not: another program wrote them. */
  readonly foreignKeys: readonly string[];
  /** The first of them. */
  readonly documents: readonly DifferingDocument[];
}

export type Document = Readonly<Record<string, unknown>>;

const listedMax = 20;
const foreignKeysMax = 20;
/** Documents are held whole, to say which keys differ, up to so many bytes of JSON. */
const wholeBytesMax = 8 * 1024 * 1024;

interface Wanted {
  readonly proof: string;
  readonly document: Document | null;
}

/** The database's side of a comparison: ids with a hash of what they say, the first ones whole. */
export class WantedDocuments {
  readonly #wanted = new Map<string, Wanted>();
  #wholeBytes = 0;

  has(id: string): boolean {
    return this.#wanted.has(id);
  }

  add(id: string, proof: string, document: Document, bytes: number): void {
    this.#wholeBytes += bytes;
    const whole = this.#wholeBytes <= wholeBytesMax;
    this.#wanted.set(id, { proof: shortProof(proof), document: whole ? document : null });
  }

  /** Takes the stored documents, in any order, and says at the end how they differ. */
  compare(): { readonly add: (id: string, proof: string, document: Document) => void } & {
    readonly end: () => DocumentDifferences;
  } {
    const seen = new Set<string>();
    const foreignKeys = new Set<string>();
    const listed: DifferingDocument[] = [];
    const counts = { missing: 0, foreign: 0, different: 0 };
    const note = (state: DifferingDocument['state'], id: string, keys: readonly string[]): void => {
      counts[state] += 1;
      if (listed.length < listedMax) listed.push({ id, state, keys });
    };
    return {
      add: (id, proof, document) => {
        const wanted = this.#wanted.get(id);
        if (wanted === undefined) {
          note('foreign', id, []);
          return;
        }
        seen.add(id);
        if (wanted.proof === shortProof(proof)) return;
        note('different', id, wanted.document === null ? [] : differingKeys(wanted.document, document));
        for (const key of wanted.document === null ? [] : Object.keys(document))
          if (!Object.hasOwn(wanted.document ?? {}, key) && foreignKeys.size < foreignKeysMax)
            foreignKeys.add(key);
      },
      end: () => {
        for (const id of this.#wanted.keys()) if (!seen.has(id)) note('missing', id, []);
        return { ...counts, foreignKeys: [...foreignKeys].sort(), documents: listed };
      },
    };
  }
}

function differingKeys(wanted: Document, stored: Document): readonly string[] {
  return [...new Set([...Object.keys(wanted), ...Object.keys(stored)])]
    .filter((key) => key !== hashField && documentProof(wanted[key]) !== documentProof(stored[key]))
    .sort();
}

/** A proof is as long as its document. */
function shortProof(proof: string): string {
  return createHash('sha256').update(proof).digest('base64').slice(0, 22);
}
