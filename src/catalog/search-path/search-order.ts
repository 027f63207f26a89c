import { splitIdentifiers } from '../../postgres/identifiers.ts';

export interface PathRow {
  readonly role: string;
  /** As the server stores it: `"$user", public`. */
  readonly path: string;
}

const builtIn = 'pg_catalog';

/** In which schemas, and in what order, plain names are looked for by the sessions of a database's users. */
export class SearchOrder {
  readonly #paths: readonly (readonly string[])[];

  readonly #applications: readonly string[];

  /**
   * The first path is that of our own role's sessions; `schemas` are those that hold anything, `application` the one of
   * the application's tables.
   */
  constructor(rows: readonly PathRow[], schemas: ReadonlySet<string>, application: string) {
    this.#applications = [application];
    this.#paths = rows.map(({ role, path }) =>
      splitIdentifiers(path)
        .map((name) => (name === '$user' ? role : name))
        .filter((name, at, all) => (schemas.has(name) || name === builtIn) && all.indexOf(name) === at),
    );
  }

  /** The schemas of the first path. */
  get reached(): readonly string[] {
    return (this.#paths[0] ?? []).filter((name) => name !== builtIn);
  }

  /**
   * Of the schemas that hold a name those that are looked at: by the first path, the application's, or what all
   * others agree in.
   */
  reachedOf(schemas: readonly string[]): readonly string[] {
    const [own = [], ...others] = this.#paths.map((path) => path.filter((name) => schemas.includes(name)));
    if (own.length > 0) return own;
    const application = this.#applications.filter((name) => schemas.includes(name));
    if (application.length > 0) return application;
    const different = new Map(
      others.filter((path) => path.length > 0).map((path) => [JSON.stringify(path), path]),
    );
    const [first = [], ...more] = different.values();
    return more.length === 0 ? first : [];
  }

  /** With pg_catalog among them only where some come before it. */
  inOrder(schemas: ReadonlySet<string>): readonly string[] {
    const known = [...new Set([...(this.#paths[0] ?? []), ...this.#applications, ...this.#paths.flat()])];
    const rank = (name: string): number => (known.includes(name) ? known.indexOf(name) : known.length);
    const sorted = [...schemas].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
    const own = this.#paths[0] ?? [];
    const before = own.slice(0, Math.max(own.indexOf(builtIn), 0)).filter((name) => schemas.has(name));
    if (before.length === 0) return sorted;
    return [...before, builtIn, ...sorted.filter((name) => !before.includes(name))];
  }
}
