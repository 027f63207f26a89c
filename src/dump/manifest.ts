import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { DeepReadonly } from '../lib/deep-readonly.ts';

/**
 * The manifest of a dump, formatVersion 1 (docs/dump-format.md). Written last, fsynced and renamed into place: a dump
 * without a manifest is not a dump.
 *
 * The file is a run of segments without gaps. Each segment is a complete piece of SQL: the settings and pre-data
 * objects, then data blocks in any order, then the post-data objects. In a gzip dump each segment is a member of its
 * own, so any of them can be read alone.
 */
export const dumpFormatVersion = 1;

const count = z.int().nonnegative();
const hex32 = z.string().regex(/^[0-9a-f]{8}$/);

const segmentSchema = z.strictObject({
  section: z.enum(['pre-data', 'large-objects', 'data', 'post-data']),
  /** Place in the file as stored. */
  offset: count,
  bytes: count,
  /** CRC-32 of the stored bytes. */
  crc32: hex32,
  /** Size after decompression. */
  rawBytes: count,
  /** Large objects only: what the segment is made of, in the order in which it is run. */
  part: z.enum(['objects', 'chunks', 'privileges', 'words']).optional(),
  /** Large objects only: the owner of what it makes. */
  owner: z.string().optional(),
  /** Data only: id of the table. */
  table: z.string().optional(),
  /** Rows of the table in this block; objects, chunks or statements of large objects. */
  rows: count.optional(),
  /**
   * Data and large objects: raw length of what stands before and after: `COPY … FROM stdin;` and `\.`, `SET ROLE …`
   * and `RESET ROLE`.
   */
  headBytes: count.optional(),
  tailBytes: count.optional(),
});

const factsSchema = z.strictObject({
  of: z.string().optional(),
  forRole: z.string().optional(),
  grantors: z.array(z.string()).optional(),
  removes: z.literal(true).optional(),
  withoutFunction: z.literal(true).optional(),
  forced: z.literal(true).optional(),
  onlyState: z.literal(true).optional(),
  guarded: z.literal(true).optional(),
  member: z
    .strictObject({
      identity: z.string(),
      aspect: z.enum(['state', 'comment', 'part comments', 'owner']),
      wanted: z.strictObject({ extension: z.string(), version: z.string(), text: z.string() }).optional(),
    })
    .optional(),
});

const objectSchema = z.strictObject({
  id: z.string(),
  kind: z.string(),
  schema: z.string().nullable(),
  name: z.string(),
  identity: z.string(),
  section: z.enum(['pre-data', 'post-data']),
  /** Place of its SQL in the raw bytes of its section's segment. */
  sqlOffset: count,
  sqlBytes: count,
  /** What it is about (src/catalog/object-facts.ts); older dumps do not record it, and it is read out of their SQL. */
  facts: factsSchema.optional(),
  /** What its words leave open (src/catalog/model.ts); only where there is something. */
  resolved: z.array(z.string()).optional(),
  /** What the source's server has made of it (src/catalog/model.ts). */
  understood: z.strictObject({ columns: z.array(z.string()), uses: z.array(z.string()) }).optional(),
  /** What it finds by plain names while it is built (src/catalog/model.ts); only where there is something. */
  foundByPath: z
    .array(z.strictObject({ routine: z.string(), name: z.string().nullable(), builtIn: z.boolean() }))
    .optional(),
  /** In a dump of some schemas: what it needs of the rest of the database (src/catalog/model.ts). */
  needs: z
    .array(z.strictObject({ kind: z.string(), identity: z.string(), schema: z.string().nullable() }))
    .optional(),
  dependsOn: z.array(z.string()),
  partOf: z.string().nullable(),
  locks: z.array(z.strictObject({ table: z.string(), mode: z.enum(['share', 'exclusive']) })),
  roles: z.array(z.string()),
  tablespaces: z.array(z.string()),
  minServerMajor: count,
  superuser: z.boolean(),
  /** Of a foreign key: which rows it asks for (src/catalog/model.ts). */
  reference: z
    .strictObject({
      table: z.string(),
      referenced: z.string(),
      columns: z.array(
        z.strictObject({
          name: z.string(),
          referenced: z.string(),
          type: z.string().nullable(),
          equals: z.strictObject({ schema: z.string(), name: z.string() }),
        }),
      ),
      full: z.boolean(),
      period: z.literal(true).optional(),
      outside: z.strictObject({ schema: z.string(), name: z.string() }).optional(),
    })
    .optional(),
});

/**
 * Row count and two sums of 64-bit halves of a row hash, as decimal text: independent of the order of rows.
 * `algorithm` names how (docs/verification.md); digests of different algorithms are never compared.
 */
const digestSchema = z.strictObject({
  algorithm: z.string(),
  rows: count,
  sumHigh: z.string().regex(/^-?\d+$/),
  sumLow: z.string().regex(/^-?\d+$/),
});

const tableSchema = z.strictObject({
  id: z.string(),
  schema: z.string(),
  name: z.string(),
  columns: z.array(
    z.strictObject({
      name: z.string(),
      type: z.string(),
      notNull: z.boolean(),
      generated: z.boolean(),
      hasDefault: z.boolean(),
    }),
  ),
  keyColumns: z.array(z.string()),
  /** `rows`: all rows are in the dump. `definition`: the policy left the rows out. */
  content: z.enum(['rows', 'definition']),
  rows: count,
  rawBytes: count,
  digest: digestSchema.nullable(),
  loadThrough: z.strictObject({ schema: z.string(), name: z.string() }).nullable(),
  /** The search path under which its rows are written; only if it is not empty. */
  searchPath: z.array(z.string()).optional(),
  /** A table of an extension, whose rows the extension asks to have dumped; of them those that its condition names. */
  extensionConfig: z.boolean(),
  condition: z.string().nullable(),
});

const propertySchema = z.strictObject({
  rows: count,
  high: z.string().regex(/^-?\d+$/),
  low: z.string().regex(/^-?\d+$/),
});

/** Large objects have no names: they are counted and compared together. `content` as for tables. */
const largeObjectsSchema = z.strictObject({
  content: z.enum(['rows', 'definition']),
  objects: count,
  /** Of all objects, holes included. */
  bytes: count,
  /** Owners, and roles that have grants. */
  roles: z.array(z.string()),
  digest: z
    .strictObject({
      algorithm: z.string(),
      contents: propertySchema,
      owners: propertySchema,
      privileges: propertySchema,
      words: propertySchema,
    })
    .nullable(),
});

const sequenceSchema = z.strictObject({
  id: z.string(),
  schema: z.string(),
  name: z.string(),
  ownedByTable: z.string().nullable(),
  lastValue: z.string().regex(/^-?\d+$/),
  isCalled: z.boolean(),
});

/** Of foreign keys that lead to tables which a policy excluded: they are not in the file, which has no such table. */
const outgoingSchema = z.strictObject({
  objects: z.array(objectSchema.omit({ sqlOffset: true, sqlBytes: true }).extend({ sql: z.string() })),
  tables: z.array(z.strictObject({ id: z.string(), schema: z.string(), name: z.string() })),
});

/** What a table in which a tool keeps its migrations tells: which are applied (src/plan/migration-tables.ts). */
const migrationsSchema = z.strictObject({
  tool: z.string(),
  schema: z.string(),
  name: z.string(),
  applied: z.array(z.string()),
});

const memberSchema = z.strictObject({
  identity: z.string(),
  extension: z.string(),
  version: z.string(),
  kind: z.string(),
  state: z.string().nullable(),
  comment: z.string().nullable(),
  partComments: z.string().nullable(),
  owner: z.string(),
});

/** src/masks/told.ts */
const maskingSchema = z.strictObject({
  keyId: z.string().nullable(),
  columns: z.array(z.strictObject({ table: z.string(), column: z.string(), rule: z.string() })),
  filtered: z.array(z.string()),
});

export const manifestSchema = z.strictObject({
  formatVersion: z.literal(dumpFormatVersion),
  dumpId: z.string(),
  purpose: z.enum(['export', 'backup']),
  createdBy: z.string(),
  /** The job that wrote it; null for one written outside a job. */
  jobId: z.string().nullable(),
  source: z.strictObject({
    environment: z.string(),
    /** The schema of the application's tables; older dumps do not record it, and are accepted. */
    schema: z.string().optional(),
    database: z.string(),
    systemIdentifier: z.string().nullable(),
    serverVersion: z.string(),
    serverVersionNum: count,
    encoding: z.string(),
    collation: z.string(),
    characterType: z.string(),
  }),
  snapshot: z.strictObject({ takenAt: z.iso.datetime(), lsn: z.string().nullable() }),
  options: z.strictObject({ compression: z.enum(['none', 'gzip']), workers: count }),
  file: z.strictObject({ name: z.string(), bytes: count, sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
  rows: count,
  rawBytes: count,
  durationMs: count,
  /** Columns that were masked and tables that were filtered while it was read; undefined for none. */
  masking: maskingSchema.optional(),
  /** The schemas that it is about; undefined for a whole database. */
  schemas: z.array(z.string()).optional(),
  extensions: z.array(z.strictObject({ name: z.string(), version: z.string() })),
  /** What they hold (src/catalog/model.ts); older dumps do not record it. */
  extensionMembers: z.array(memberSchema).optional(),
  objects: z.array(objectSchema),
  tables: z.array(tableSchema),
  sequences: z.array(sequenceSchema),
  largeObjects: largeObjectsSchema,
  outgoing: outgoingSchema.optional(),
  /** The source's tables of migrations, whether they are in the dump or not; older dumps do not record them. */
  migrations: z.array(migrationsSchema).optional(),
  segments: z.array(segmentSchema),
});

export type Manifest = DeepReadonly<z.infer<typeof manifestSchema>>;
export type Segment = DeepReadonly<z.infer<typeof segmentSchema>>;
export type ManifestObject = DeepReadonly<z.infer<typeof objectSchema>>;
export type ManifestTable = DeepReadonly<z.infer<typeof tableSchema>>;
export type ManifestLargeObjects = DeepReadonly<z.infer<typeof largeObjectsSchema>>;
export type MigrationHistory = DeepReadonly<z.infer<typeof migrationsSchema>>;
export type ManifestSequence = DeepReadonly<z.infer<typeof sequenceSchema>>;

/**
 * The text of a manifest as it is stored: with a checksum of itself, so that nothing in it can be lost or changed
 * unseen.
 */
export function manifestText(manifest: Manifest): string {
  return JSON.stringify({ ...manifest, manifestSha256: checksum(manifest) });
}

/** Checks what was read against the checksum; `whole` says whether it was right. */
export function unseal(json: Readonly<Record<string, unknown>>): {
  readonly manifest: Readonly<Record<string, unknown>>;
  readonly whole: boolean;
} {
  const { manifestSha256, ...manifest } = json;
  return { manifest, whole: manifestSha256 === checksum(manifest) };
}

function checksum(manifest: object): string {
  return createHash('sha256').update(JSON.stringify(manifest)).digest('hex');
}
