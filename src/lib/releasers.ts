type Release = () => void | PromiseLike<void>;

/**
 * A stack of closers: what was opened last is closed first; every closer runs, the first error is rethrown. What is
 * deferred after `release` belongs to work that nobody waits for any more: it is closed at once.
 */
export class Releasers implements AsyncDisposable {
  readonly #stack: Release[] = [];
  #released = false;

  defer(release: Release): void {
    this.#stack.push(release);
    // Whoever opened it late has failed already, and that failure is the one to hear of.
    if (this.#released) this.release().catch(() => {});
  }

  async release(): Promise<void> {
    this.#released = true;
    let failed = false;
    let first: unknown;
    for (let next = this.#stack.pop(); next !== undefined; next = this.#stack.pop()) {
      try {
        await next();
      } catch (error) {
        if (!failed) first = error;
        failed = true;
      }
    }
    if (failed) throw first;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release();
  }
}

/**
 * Runs `work` with closers of its own, which run when it ends, however it ends. The failure of the work is thrown, also
 * when closing fails after it; a failure of closing alone is thrown as well.
 */
export async function withReleasers<T>(work: (releasers: Releasers) => Promise<T>): Promise<T> {
  const releasers = new Releasers();
  let result: T;
  try {
    result = await work(releasers);
  } catch (error) {
    await releasers.release().catch(() => {});
    throw error;
  }
  await releasers.release();
  return result;
}
