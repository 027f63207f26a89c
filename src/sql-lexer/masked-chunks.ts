import { maskCharacters, utf8 } from './client-encoding.ts';
import type { ClientEncoding } from './client-encoding.ts';

/** Chunks as the lexer may see them: no byte that is a part of a character looks like one of its own. */
export class MaskedChunks {
  #encoding: ClientEncoding = utf8;
  #of: Buffer | null = null;
  #bytes: Buffer = Buffer.alloc(0);
  /** Bytes of the next chunk that belong to this one's last character. */
  #open = 0;

  get encoding(): ClientEncoding {
    return this.#encoding;
  }

  set encoding(encoding: ClientEncoding) {
    if (encoding !== this.#encoding) this.restart();
    this.#encoding = encoding;
  }

  /** What comes next does not follow what was seen last: a character begins there. */
  restart(): void {
    this.#of = null;
    this.#open = 0;
  }

  /** `chunk`, masked from `at` on. */
  view(chunk: Buffer, at: number): Buffer {
    if (this.#encoding.length === null) return chunk;
    if (this.#of !== chunk) {
      const { masked, open } = maskCharacters(chunk.subarray(at), this.#encoding, this.#open);
      this.#bytes = at === 0 ? masked : Buffer.concat([chunk.subarray(0, at), masked]);
      this.#of = chunk;
      this.#open = open;
    }
    return this.#bytes;
  }
}
