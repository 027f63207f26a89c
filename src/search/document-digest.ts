import { createHash } from 'node:crypto';

/** How many parts a difference is narrowed down to before documents are looked at one by one. */
const bucketCount = 1024;
/** Words of a bucket: the number of documents, then four sums. */
const words = 5;

/**
 * Tells whether two sets of (id, hash) are the same, whatever their order, in 20 KiB: each pair is hashed, and the
 * hashes are counted and summed in 1,024 buckets (four sums of 32 bits, each modulo 2^32). A document that is missing,
 * doubled, foreign or different changes its bucket.
 */
export class DocumentDigest {
  readonly #sums = new Uint32Array(bucketCount * words);
  #documents = 0;

  get documents(): number {
    return this.#documents;
  }

  add(id: string, hash: string): void {
    const pair = pairHash(id, hash);
    const at = bucketOf(pair) * words;
    this.#documents += 1;
    this.#sums[at] = (this.#sums[at] ?? 0) + 1;
    for (let word = 1; word < words; word += 1) {
      this.#sums[at + word] = (this.#sums[at + word] ?? 0) + pair.readUInt32LE(word * 4);
    }
  }

  /** The buckets in which the two sets differ; empty when they are equal. */
  differingBuckets(other: DocumentDigest): readonly number[] {
    const differing = new Set<number>();
    for (const [index, sum] of this.#sums.entries()) {
      if (sum !== other.#sums[index]) differing.add(Math.floor(index / words));
    }
    return [...differing];
  }
}

/** The bucket a pair falls into. */
export function bucketOfPair(id: string, hash: string): number {
  return bucketOf(pairHash(id, hash));
}

function pairHash(id: string, hash: string): Buffer {
  return createHash('sha256').update(`${id}\0${hash}`).digest();
}

function bucketOf(pair: Buffer): number {
  return pair.readUInt16LE(0) % bucketCount;
}
