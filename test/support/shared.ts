interface Stoppable {
  stop(): Promise<void>;
}

/** A server started for the first who asks and stopped when the last one gives it back. */
export class Shared<T extends Stoppable> {
  readonly #start: () => Promise<T>;
  #running: Promise<T> | null = null;
  #users = 0;

  private constructor(start: () => Promise<T>) {
    this.#start = start;
  }

  /** One per name and process: each vitest project loads modules anew, so they meet in the global registry. */
  static named<T extends Stoppable>(name: string, start: () => Promise<T>): Shared<T> {
    const registry = globalThis as unknown as Record<symbol, Shared<T> | undefined>;
    return (registry[Symbol.for(`multiboard-sync test ${name}`)] ??= new Shared(start));
  }

  async acquire(): Promise<T> {
    this.#users += 1;
    this.#running ??= this.#start();
    return this.#running;
  }

  async release(): Promise<void> {
    this.#users -= 1;
    if (this.#users > 0) return;
    const running = this.#running;
    this.#running = null;
    await (await running)?.stop();
  }
}
