import type { Reading } from '../postgres/rows.ts';
import type { ObjectFacts } from './object-facts.ts';

/**
 * A database's objects as plain data. `readCatalog` (read-catalog.ts) makes it; the dump writer, the plan, the import
 * and `verify` read it. Grows with the schema, never with the rows.
 */

/** In the order in which they come when nothing else decides. */
export const objectKinds = [
  'schema',
  'language',
  'collation',
  'extension',
  'extension member',
  'shell type',
  'enum',
  'composite type',
  'domain',
  'range type',
  'base type',
  'transform',
  'cast',
  'function',
  'procedure',
  'aggregate',
  'access method',
  'operator',
  'operator family',
  'operator class',
  'conversion',
  'text search parser',
  'text search template',
  'text search dictionary',
  'text search configuration',
  'foreign data wrapper',
  'server',
  'user mapping',
  'sequence',
  'table',
  'foreign table',
  'sequence owned by',
  'view',
  'materialized view',
  'partition attach',
  'default',
  'sequence value',
  'primary key',
  'unique constraint',
  'exclusion constraint',
  'check constraint',
  'not-null constraint',
  'index',
  'index attach',
  'statistics',
  'foreign key',
  'rule',
  'trigger',
  'policy',
  'row security',
  'publication',
  'publication table',
  'publication schema',
  'subscription',
  'database setting',
  'comment',
  'security label',
  'owner',
  'privileges',
  'refresh',
  'event trigger',
  'large objects',
] as const;

export type ObjectKind = (typeof objectKinds)[number];

/** Rows are loaded between the two sections. */
export type Section = 'pre-data' | 'post-data';

/** How a server has understood a definition, as far as its text alone does not prove it. */
export interface Understood {
  /** Of a view: names and types of its columns, in order. */
  readonly columns: readonly string[];
  /** Functions, types, operators and collations of users that its expressions depend on, sorted. */
  readonly uses: readonly string[];
}

/** A plain name in the body of a function, which the search path gives its meaning. */
export interface FoundByPath {
  /** With its argument types. */
  readonly routine: string;
  /** What it finds there; null where its text does not tell. */
  readonly name: string | null;
  /** PostgreSQL has an object of this name too, which is found instead if only pg_catalog is searched. */
  readonly builtIn: boolean;
}

/** One thing that can be created by itself: an object, or a property of one that has its own statement. */
export interface CatalogObject {
  /** Unique in its model and stable for the database: `table:16388`, `owner:table:16388`. */
  readonly id: string;
  readonly kind: ObjectKind;
  readonly schema: string | null;
  readonly name: string;
  /**
   * For people and for comparing two databases, unique in a model, free of OIDs: `table public."Part"`,
   * `foreign key "ListPart_partId_fkey" on public."ListPart"`.
   */
  readonly identity: string;
  readonly section: Section;
  /**
   * Complete SQL: one or more statements, each ended by `;`, without a final newline. Every name is schema-qualified.
   * For what cannot be qualified, the SQL sets a `search_path` and empties it again.
   */
  readonly sql: string;
  /** What it is about besides its kind. */
  readonly facts: ObjectFacts;
  /**
   * Removes the object, without CASCADE, when everything after it in the model is gone already; null for what
   * vanishes with another object. For what every database has (grants and comment on schema public) it restores what
   * a new database has.
   */
  readonly dropSql: string | null;
  /**
   * The operators that its text finds by plain names, and other operators of those names, in order: the meaning of
   * the text, compared as it is. Undefined in a dump that does not record it; then it is not compared.
   */
  readonly resolved?: readonly string[] | undefined;
  /** For kinds that hold expressions; undefined for other kinds, and in a dump that does not record it. */
  readonly understood?: Understood | undefined;
  /**
   * For indexes, statistics and contents of materialized views: what their functions find by plain names. Servers
   * from 17 on do not find it while they build them. Undefined in a dump that does not record it.
   */
  readonly foundByPath?: readonly FoundByPath[] | undefined;
  /** Ids of the objects (of either section) that must exist before: all of them stand earlier in the model. */
  readonly dependsOn: readonly string[];
  /** The object this one is a part of (an index's table, a comment's object); it is dropped and made with that one. */
  readonly partOf: string | null;
  /**
   * Post-data only: ids of the tables (and views) its statement locks, and how; `share` ones may run side by side on a
   * table. `database` is what settings of the database are locked by. Pre-data runs in order.
   */
  readonly locks: readonly { readonly table: string; readonly mode: 'share' | 'exclusive' }[];
  /** Names of roles its statement needs (owner, privileges, policies, default privileges). */
  readonly roles: readonly string[];
  /** Names of tablespaces its statement needs. */
  readonly tablespaces: readonly string[];
  /** The oldest major version whose servers understand its statement; 0 for all that are supported. */
  readonly minServerMajor: number;
  /** PostgreSQL lets only superusers make it (or roles that a provider gave the same right). */
  readonly superuser: boolean;
  /**
   * For a foreign key that rows must satisfy: which rows refer to which. Undefined also in a dump that does not
   * record it.
   */
  readonly reference?: Reference | undefined;
  /** In a model of some schemas alone: what it needs of the rest of the database. Undefined for nothing. */
  readonly needs?: readonly OutsideNeed[] | undefined;
  /**
   * In a model of some schemas alone: it lies outside them and hangs on an object inside. `owner`: the role that may
   * drop it and make it again; null where nobody owns such an object.
   */
  readonly outside?: { readonly owner: string | null } | undefined;
}

/** Something that lies outside the schemas of a run, by the name that people know. */
export interface OutsideNeed {
  readonly kind: string;
  readonly identity: string;
  /** Of an extension: where its objects are. */
  readonly schema: string | null;
}

export interface OutsideObject extends OutsideNeed {
  /** Of a publication: the role that may change it. */
  readonly owner?: string | undefined;
}

/** What a model is limited to. */
export interface Restriction {
  readonly schemas: readonly string[];
  /** Everything else that the database has. */
  readonly outside: readonly OutsideObject[];
  /** Ids of tables outside that are locked together with objects of the model: those at the other end of a key. */
  readonly beside: readonly string[];
  /** Tables outside at the other end of a key, with the rows that it asks for. */
  readonly neighbours: readonly Neighbour[];
}

export interface Neighbour {
  /** Id of its object, which the model does not have. */
  readonly id: string;
  readonly schema: string;
  readonly name: string;
  /** Null for a partitioned table, and for one of an extension: its rows are elsewhere, or made by the extension. */
  readonly rows: CatalogTable | null;
}

/** A secret that was not read: a whole subscription, or the options of a user mapping. */
export interface Withheld {
  readonly kind: 'subscription' | 'user mapping';
  readonly identity: string;
}

/**
 * What a foreign key demands of rows, so that it can be checked before the key is made. A key that is NOT VALID or
 * NOT ENFORCED demands nothing.
 */
export interface Reference {
  /** Ids of the tables. */
  readonly table: string;
  readonly referenced: string;
  readonly columns: readonly ReferenceColumn[];
  /** MATCH FULL: all its columns are NULL, or none. Otherwise (MATCH SIMPLE) one NULL is enough to refer to nothing. */
  readonly full: boolean;
  /** With PERIOD: the last column is a range, which the rows that have the others must cover together. */
  readonly period?: true | undefined;
  /** In a model of some schemas: the table that it refers to, where that lies outside. */
  readonly outside?: { readonly schema: string; readonly name: string } | undefined;
}

export interface ReferenceColumn {
  readonly name: string;
  /** The column that it refers to. */
  readonly referenced: string;
  /**
   * The type as which a value is compared: `format_type`, schema-qualified. Null: its text is compared (labels of an
   * enum).
   */
  readonly type: string | null;
  /** The key's own equality: schema and name of the operator. */
  readonly equals: { readonly schema: string; readonly name: string };
}

export interface CatalogColumn {
  readonly name: string;
  /** `format_type`, schema-qualified. */
  readonly type: string;
  readonly notNull: boolean;
  /** Generated columns are computed by the target: not in COPY, but in the digest. */
  readonly generated: boolean;
  /** Whether a row gets a value if none is given: from its default, its domain's default, or its identity. */
  readonly hasDefault: boolean;
}

/** A table that holds rows of its own: plain tables and leaf partitions, unlogged ones included. */
export interface CatalogTable {
  /** Id of its object of kind `table`. */
  readonly id: string;
  readonly schema: string;
  readonly name: string;
  /** In the order of the table, dropped ones left out. */
  readonly columns: readonly CatalogColumn[];
  /** Primary key columns, for naming rows that differ; empty without one. */
  readonly keyColumns: readonly string[];
  /** From the statistics: a guess for progress only. */
  readonly rowsEstimated: number;
  /** Heap and TOAST without indexes, `pg_relation_size`: exact at the time of reading. */
  readonly bytes: number;
  /**
   * True for members of an extension whose rows the extension asks to have dumped: the table comes with the extension.
   */
  readonly extensionConfig: boolean;
  /** Which of its rows count (src/postgres/rows.ts); null for all. */
  readonly condition: string | null;
  /** Root of its partition tree when rows must be loaded through it (hash partitions on enums), else null. */
  readonly loadThrough: { readonly schema: string; readonly name: string } | null;
  /**
   * Where the functions that its rows run (generated columns, checks, domains, indexes) find plain names; empty for
   * none.
   */
  readonly searchPath: readonly string[];
  /** Of a source whose columns are masked or whose rows are filtered (src/sync/masking): how it is read. */
  readonly reading?: Reading | null | undefined;
}

export interface CatalogSequence {
  readonly id: string;
  readonly schema: string;
  readonly name: string;
  /** Id of the table whose column owns it (serial or identity); null for a free one. */
  readonly ownedByTable: string | null;
  /** As text: a bigint. */
  readonly lastValue: string;
  readonly isCalled: boolean;
}

export interface UnsupportedObject {
  /** What would be missing: `index public.x`, `options of user mapping for "x" on server "y"`. */
  readonly identity: string;
  /** The reason and the remedy, as words that follow the identity; empty if nothing is known. */
  readonly obstacle: string;
  /**
   * Ids of the objects that are left out with it; of a loop, its members. Empty for what is not an object of the
   * model.
   */
  readonly objects: readonly string[];
  readonly isLoop: boolean;
  /** Id of the table with which it would be left out; else null. */
  readonly table: string | null;
  /** Of what is not an object of the model: where it lies; null where that is not known, or nowhere. */
  readonly schema: string | null;
}

/** What an extension has made, as it is now. */
export interface ExtensionMember {
  /** `function public.f(text) of extension x`. */
  readonly identity: string;
  readonly extension: string;
  readonly version: string;
  /** As the server calls it: `function`, `operator`, `view`. */
  readonly kind: string;
  /**
   * The state that a statement could change, as text for comparing (extensions/member-states.ts); null if there is
   * none.
   */
  readonly state: string | null;
  readonly comment: string | null;
  /** On attributes of a composite type and constraints of a domain, as text for comparing; null if there are none. */
  readonly partComments: string | null;
  readonly owner: string;
}

export interface ServerFacts {
  readonly versionNum: number;
  readonly version: string;
  readonly systemIdentifier: string | null;
  readonly databaseName: string;
  readonly databaseOid: number;
  readonly encoding: string;
  readonly collation: string;
  readonly characterType: string;
  /** `libc`, `icu` or `builtin`. */
  readonly localeProvider: string;
  readonly locale: string | null;
}

export interface CatalogModel {
  readonly server: ServerFacts;
  /** In an order in which they can be created: all of pre-data, then all of post-data. */
  readonly objects: readonly CatalogObject[];
  readonly tables: readonly CatalogTable[];
  readonly sequences: readonly CatalogSequence[];
  /** Data, like rows: their number, and their size on the server's disk. */
  readonly largeObjects: { readonly count: number; readonly bytes: number };
  /** Everything that cannot be copied; a plan with any of these stops. */
  readonly unsupported: readonly UnsupportedObject[];
  /** Name and installed version of each extension. */
  readonly extensions: readonly { readonly name: string; readonly version: string }[];
  readonly extensionMembers: readonly ExtensionMember[];
  /**
   * Secrets that were not read because nobody asked for them: `options of user mapping for "x" on server "y"`,
   * `subscription z`.
   */
  readonly withheld: readonly Withheld[];
  /** Null: it is of the whole database. */
  readonly restriction: Restriction | null;
}
