import { maskNames } from '../environments/masking.ts';
import { z } from 'zod';
import { modeNames } from '../plan/modes.ts';
import { stepTitles } from '../progress/progress.ts';
import type { StepId } from '../progress/progress.ts';
import { jobKinds, jobRequestSchema } from '../sync/contract/requests.ts';
import { triggerSchema } from '../sync/contract/trigger.ts';
import {
  differenceSchema,
  maskingToldSchema,
  receiptSchema,
  verifyReceiptSchema,
} from './receipt-schemas.ts';

/**
 * Schemas of the answers, for OpenAPI and the tests (which hold them against the types); answers are not parsed on
 * their way out.
 */
const plainValue = z.union([z.string(), z.number(), z.boolean(), z.null()]);
export const epochMs = z.number().describe('Epoch milliseconds');

export const jobKind = z.enum(jobKinds);
export const jobState = z.enum(['queued', 'running', 'cancelling', 'done', 'failed', 'cancelled']);

const errorReportSchema = z
  .object({
    code: z.string(),
    category: z.string(),
    message: z.string(),
    hint: z.string(),
    details: z.record(z.string(), z.union([plainValue, z.array(z.string())])),
  })
  .meta({ id: 'Error' });

export const progressSchema = z
  .object({
    jobId: z.string(),
    kind: jobKind,
    state: jobState,
    sequence: z.number(),
    startedAt: epochMs.nullable(),
    updatedAt: epochMs,
    source: z.string().nullable(),
    target: z.string().nullable(),
    steps: z.array(
      z.object({
        id: z.enum(Object.keys(stepTitles) as [StepId, ...StepId[]]),
        title: z.string(),
        state: z.enum(['waiting', 'running', 'done', 'failed', 'cancelled']),
        startedAt: epochMs.nullable(),
        durationMs: z.number().nullable(),
      }),
    ),
    items: z.array(
      z.object({
        name: z.string(),
        state: z.enum(['active', 'done']),
        rows: z.number(),
        rowsEstimated: z.number().nullable(),
        bytes: z.number(),
        bytesEstimated: z.number().nullable(),
      }),
    ),
    itemsDone: z.number(),
    itemsTotal: z.number(),
    bytesDone: z.number(),
    bytesEstimated: z.number(),
    rowsDone: z.number(),
    rowsEstimated: z.number().nullable(),
    percent: z.number().min(0).max(100),
    bytesPerSecond: z.number().nullable(),
    rowsPerSecond: z.number().nullable(),
    etaSeconds: z.number().nullable(),
    message: z.string(),
    error: errorReportSchema.nullable(),
  })
  .meta({ id: 'Progress' });

export const jobSchema = z
  .object({
    id: z.string(),
    kind: jobKind,
    state: jobState,
    request: jobRequestSchema,
    source: z.string().nullable(),
    target: z.string().nullable(),
    actor: z.string().nullable(),
    trigger: triggerSchema.nullable(),
    createdAt: epochMs,
    startedAt: epochMs.nullable(),
    finishedAt: epochMs.nullable(),
    attempts: z.number(),
    retryOf: z.string().nullable(),
    progress: progressSchema.nullable(),
    receipt: z.discriminatedUnion('type', [receiptSchema, verifyReceiptSchema]).nullable(),
    error: errorReportSchema.nullable(),
    shortened: z.boolean().describe('The receipt or the error is cut; the job’s record has it whole'),
  })
  .meta({ id: 'Job' });

const undoOutlookSchema = z.object({
  undoneBy: z.string().nullable(),
  overtakenBy: z.array(z.string()).describe('Later jobs that an undo would undo as well, oldest first'),
  lacks: z.array(z.string()).describe('What an undo in place would not bring back as it was'),
  gone: z
    .array(z.string())
    .describe('Why it can no longer be undone; empty where nothing is known against it'),
  notes: z.array(z.string()).describe('What will soon be gone, or could not be checked'),
});

/** How a job stands among those of its target; null where it changed nothing. */
export const undoSchema = undoOutlookSchema
  .extend({ note: z.string().nullable().describe('The same in a sentence') })
  .nullable();

export const jobSummarySchema = jobSchema
  .omit({ receipt: true, shortened: true, progress: true })
  .extend({
    progress: progressSchema.omit({ steps: true, items: true, error: true }).nullable(),
    undo: undoSchema,
  })
  .meta({ id: 'JobSummary' });

/** Answer of every route that queues a job. */
export const acceptedSchema = z.object({
  id: z.string(),
  url: z.string(),
  stream: z.string().describe('Server-sent events'),
});

export const logLineSchema = z.object({
  at: epochMs,
  level: z.enum(['info', 'warn', 'error']),
  message: z.string(),
  fields: z.record(z.string(), plainValue),
});

export const environmentSchema = z
  .object({
    name: z.string(),
    protection: z.enum(['protected', 'open', 'source-only']),
    schema: z.string(),
    database: z.object({ host: z.string(), port: z.number(), name: z.string() }),
    search: z.boolean().describe('Has a Typesense'),
  })
  .meta({ id: 'Environment' });

const failedTest = z.object({ ok: z.literal(false), error: errorReportSchema });

export const environmentTestSchema = z
  .object({
    environment: z.string(),
    ok: z.boolean(),
    database: z.discriminatedUnion('ok', [
      failedTest,
      z.object({
        ok: z.literal(true),
        name: z.string(),
        serverVersionNum: z.number(),
        serverVersion: z.string(),
        bytes: z.number(),
        superuser: z.boolean(),
        createsDatabases: z.boolean(),
        owns: z.boolean(),
        durationMs: z.number(),
      }),
    ]),
    search: z
      .discriminatedUnion('ok', [
        failedTest,
        z.object({
          ok: z.literal(true),
          nodes: z.array(z.object({ url: z.string(), version: z.string(), leader: z.boolean() })),
          missingActions: z.array(z.string()).describe('What the key may not do and has to'),
          missingNiceties: z.array(z.string()),
          sharedWith: z.array(
            z.object({
              environment: z.string(),
              seenBy: z.enum(['address', 'collections', 'nothing']),
              reason: z.string().optional(),
            }),
          ),
        }),
      ])
      .nullable()
      .describe('Null where the environment has no Typesense'),
  })
  .meta({ id: 'EnvironmentTest' });

export const dumpSchema = z
  .object({
    id: z.string(),
    purpose: z.enum(['export', 'backup']),
    environment: z.string(),
    createdAt: z.string(),
    jobId: z.string().nullable(),
    tables: z.number(),
    rows: z.number(),
    bytes: z.number(),
    compression: z.enum(['none', 'gzip']),
    serverVersion: z.string(),
    sha256: z.string(),
  })
  .meta({ id: 'Dump' });

export const keptStateSchema = z
  .object({
    id: z.string().describe('The name of the database or schema, or the id of the safety copy'),
    kind: z.enum(['database', 'safety copy', 'rows', 'objects']),
    environment: z.string(),
    jobId: z.string().describe('The job that replaced it'),
    bytes: z.number().nullable().describe('Null where the role may not ask'),
    keptAt: epochMs,
    until: epochMs.describe('From then on a run on this environment removes it'),
    inUse: z.string().nullable().describe('Who uses it, so that no run removes it'),
  })
  .meta({ id: 'KeptState' });

export const keptDetailsSchema = z.object({
  state: keptStateSchema,
  job: z
    .object({
      id: z.string(),
      kind: jobKind,
      source: z.string().nullable(),
      target: z.string().nullable(),
      startedAt: epochMs,
      finishedAt: epochMs.nullable(),
      undoneBy: z.string().nullable(),
    })
    .nullable(),
  outlook: undoOutlookSchema.nullable().describe('What is known of its undo'),
});

const name = z.string();
const estimate = z.number().describe('From the servers’ statistics');

export const maskSuggestionsSchema = z
  .object({
    environment: name,
    suggestions: z.array(
      z.object({
        table: name,
        column: name,
        type: z.string(),
        because: z.string(),
        rule: z
          .enum(maskNames)
          .nullable()
          .describe('Null where none of the named rules fits: it needs an expression'),
      }),
    ),
    ruled: z.number().describe('Columns that have a rule'),
    notes: z.array(z.string()),
  })
  .meta({ id: 'MaskSuggestions' });

export const planSchema = z
  .object({
    type: z.literal('plan'),
    source: name,
    target: name,
    mode: z.enum(modeNames).nullable(),
    modeReason: z.string().nullable(),
    backup: z.enum(['file', 'kept']),
    safety: z.string().describe('What is left for an undo, in words'),
    protected: z.boolean(),
    schemas: z
      .object({ source: name, target: name })
      .nullable()
      .describe('Where the schema of the application’s tables gets another name'),
    tables: z.array(
      z.object({
        table: name,
        action: z.enum(['copy', 'keep', 'empty']),
        sourceRows: estimate.nullable(),
        targetRows: estimate.nullable(),
        bytes: z.number(),
        rows: z
          .object({ insert: z.number(), update: z.number(), delete: z.number(), keep: z.number() })
          .nullable()
          .describe('Exactly what happens to its rows; null where only the statistics were asked'),
      }),
    ),
    largeObjects: z
      .object({
        action: z.enum(['copy', 'keep', 'empty']),
        sourceObjects: z.number(),
        targetObjects: z.number(),
        bytes: z.number(),
      })
      .nullable(),
    differences: z
      .array(differenceSchema)
      .nullable()
      .describe('Null where they hang on what is in the way, and cannot be told'),
    collections: z.array(
      z.object({
        name,
        documentsEstimated: estimate,
        changes: z
          .object({ add: z.number(), change: z.number(), remove: z.number(), lost: z.array(z.string()) })
          .optional()
          .describe('Documents that appear, change and vanish, and fields of other programs that are lost'),
      }),
    ),
    connections: z
      .object({ source: z.number(), target: z.number() })
      .describe('Sessions that it would open at most, at the same time'),
    sessions: z
      .array(z.object({ pid: z.number(), role: name, application: z.string() }))
      .describe('Ended when the target is switched; none where the mode ends none'),
    targetBytesNeeded: z.number(),
    dumpBytesNeeded: z.number(),
    masking: maskingToldSchema.nullable().describe('What masks and filters do to what is read'),
    leftOut: z.array(name).describe('Objects that the options leave out'),
    warnings: z.array(z.string()),
    blockers: z.array(errorReportSchema).describe('Why it would fail'),
  })
  .meta({ id: 'Plan' });
