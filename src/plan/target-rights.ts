import type { RunnableObject } from './runnable-object.ts';

/** What the role of a run may do on the target's server, and what it finds there. */
export interface TargetRights {
  readonly role: string;
  readonly superuser: boolean;
  readonly versionNum: number;
  /** May create schemas in the target database. */
  readonly createsSchemas: boolean;
  /** A member of a role to which a provider gives more rights than PostgreSQL would; only a try shows which. */
  readonly privileged: boolean;
  /** Policies hide nothing from it. */
  readonly bypassesRowSecurity: boolean;
  readonly roles: readonly {
    readonly name: string;
    /** Acts with its rights: owns what it owns. */
    readonly uses: boolean;
    /** Can make it the owner of something. */
    readonly gives: boolean;
  }[];
  /** Logical replication slots of the target: somebody may follow what is written there. */
  readonly slots: readonly string[];
  /** Those in which it may create. */
  readonly tablespaces: readonly string[];
  /** What the server was built with: `pglz`, `lz4`, `icu`, `xml`. */
  readonly features: readonly string[];
  /** Of the extensions that a run is about (`extensionsNamed`), those that the server offers. */
  readonly available: readonly {
    readonly name: string;
    /** The one that CREATE EXTENSION makes. */
    readonly version: string;
    /** Only superusers may install it. */
    readonly superuser: boolean;
    readonly relocatable: boolean;
  }[];
  readonly installed: readonly {
    readonly name: string;
    readonly schema: string;
    readonly owner: string;
    readonly owned: boolean;
  }[];
  /** Large objects of roles whose rights this one does not have. */
  readonly foreignLargeObjects: number;
  /**
   * Whether it owns schema public of a database that it makes: from 15 on, or with the rights of the role that made
   * the server.
   */
  readonly ownsNewPublic: boolean;
  /** Null where the target has none. */
  readonly publicSchema: { readonly owner: string; readonly owned: boolean } | null;
}

/** The extensions that objects are, or that their state is told by. */
export function extensionsNamed(
  ...ends: readonly (readonly Pick<RunnableObject, 'kind' | 'name' | 'facts'>[])[]
): readonly string[] {
  const named = ends.flatMap((objects) =>
    objects.flatMap(({ kind, name, facts }) =>
      kind === 'extension' ? [name] : (facts.member?.wanted?.extension ?? []),
    ),
  );
  return [...new Set(named)].sort();
}
