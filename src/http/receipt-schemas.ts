import { z } from 'zod';
import { modeNames } from '../plan/modes.ts';
import { jobKinds } from '../sync/contract/requests.ts';

/** Schemas of what a job leaves behind, for OpenAPI; the tests hold them against the types. */
const epochMs = z.number().describe('Epoch milliseconds');
const content = z.enum(['source', 'kept', 'empty']).describe('Where its rows came from');
const digest = z.string().nullable().describe('Null where nothing was compared');
const seconds = z.number();

export const differenceSchema = z.object({
  kind: z.enum(['object', 'table', 'sequence', 'extension', 'collection']),
  name: z.string(),
  difference: z.string(),
});

/** What masks and filters did to what was read. */
export const maskingToldSchema = z.object({
  keyId: z.string().nullable().describe('The same for two dumps that were masked with one salt'),
  columns: z.array(z.object({ table: z.string(), column: z.string(), rule: z.string() })),
  filtered: z.array(z.string()).describe('Tables of which only some rows are read'),
});

const dumpReceiptSchema = z.object({
  dumpId: z.string(),
  file: z.string(),
  manifest: z.string(),
  tables: z.number(),
  rows: z.number(),
  bytes: z.number().describe('As stored'),
  sha256: z.string(),
  seconds,
  masking: maskingToldSchema.optional(),
});

const tableReceiptSchema = z.object({
  table: z.string(),
  rows: z.number(),
  content,
  digest,
  equal: z.boolean(),
  changed: z
    .object({ inserted: z.number(), updated: z.number(), deleted: z.number() })
    .optional()
    .describe('After a merge: what happened to its rows'),
  stays: z
    .number()
    .optional()
    .describe('After a merge: rows that kept rows refer to, and that only the target has'),
});

const collectionReceiptSchema = z.object({
  alias: z.string(),
  collection: z.string().nullable(),
  previous: z.string().nullable(),
  unchanged: z.boolean().optional().describe('It equalled the database already, and stayed'),
  documents: z.number(),
  verified: z.boolean(),
  seconds,
});

/** What the target's reviewed SQL did after the proof. */
const defusedSchema = z.object({
  files: z.array(z.object({ name: z.string(), sha256: z.string() })),
  statements: z.array(
    z.object({
      file: z.string(),
      line: z.number(),
      command: z.string(),
      rows: z.number().nullable().describe('Null where its answer has no number (TRUNCATE, DO, SELECT)'),
    }),
  ),
  tables: z.array(
    z.object({ table: z.string(), inserted: z.number(), updated: z.number(), deleted: z.number() }),
  ),
});

export const receiptSchema = z
  .object({
    type: z.literal('receipt'),
    jobId: z.string(),
    kind: z.enum(jobKinds).exclude(['verify']),
    source: z.string().nullable(),
    target: z.string().nullable(),
    mode: z.enum(modeNames).nullable(),
    modeReason: z.string().nullable(),
    startedAt: epochMs,
    finishedAt: epochMs,
    seconds,
    rows: z.number(),
    tables: z.array(tableReceiptSchema),
    sequences: z.number(),
    largeObjects: z
      .object({ objects: z.number(), bytes: z.number(), content, digest, equal: z.boolean() })
      .nullable(),
    objects: z.number(),
    dump: dumpReceiptSchema.nullable(),
    backup: dumpReceiptSchema.nullable().describe('The safety copy'),
    keptDatabase: z.string().nullable(),
    undoSchema: z.string().nullable().optional(),
    database: z.string().nullable().optional(),
    undoLacks: z.array(z.string()).optional(),
    masking: maskingToldSchema.nullable().optional(),
    defused: defusedSchema.nullable().optional(),
    collections: z.array(collectionReceiptSchema),
    steps: z.array(z.object({ step: z.string(), seconds })),
    warnings: z.array(z.string()),
    schemas: z.object({ source: z.string(), target: z.string() }).nullable(),
    leftOut: z.array(z.string()),
    stayed: z.array(z.string()),
  })
  .meta({ id: 'Receipt' });

export const verifyReceiptSchema = z
  .object({
    type: z.literal('verify'),
    equal: z.boolean(),
    search: z.boolean().optional().describe('A search was compared: its tables are collections'),
    left: z.string(),
    right: z.string(),
    tables: z.array(
      z.object({
        table: z.string(),
        equal: z.boolean(),
        leftRows: z.number().nullable(),
        rightRows: z.number().nullable(),
        leftDigest: z.string().nullable(),
        rightDigest: z.string().nullable(),
        differingKeys: z.array(z.string()).describe('Keys of rows that differ, never values; at most 20'),
      }),
    ),
    differences: z.array(differenceSchema),
    notCompared: z.array(z.string()).describe('What this comparison ignores'),
    seconds,
  })
  .meta({ id: 'VerifyReceipt' });
