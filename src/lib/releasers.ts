/** A stack of closers: what was opened last is closed first; every closer runs, the first error is rethrown. */
export class Releasers implements AsyncDisposable {
  readonly #stack: (() => void | PromiseLike<void>)[] = [];

  defer(release: () => void | PromiseLike<void>): void {
    this.#stack.push(release);
  }

  async release(): Promise<void> {
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
