import { z } from 'zod';

/**
 * What a run is about to do, on disk before it does it: one JSON object a line, fsynced. A later run reads the
 * journals that have no `ended` line and finishes or removes what they name. One that has it bears another name, so
 * that nobody reads it again.
 */
export const entrySchema = z.discriminatedUnion('entry', [
  z.object({
    entry: z.literal('started'),
    target: z.string().nullable(),
    kind: z.string(),
    source: z.string().nullable().optional(),
    process: z.object({ host: z.string(), pid: z.number() }).optional(),
    /** Ids of dumps it reads, which nobody may remove meanwhile. */
    reads: z.array(z.string()).optional(),
  }),
  z.object({
    entry: z.literal('dump'),
    dumpId: z.string(),
    purpose: z.enum(['export', 'backup']),
    /** Only where the command line says where it goes: a path. */
    output: z.string().optional(),
  }),
  z.object({ entry: z.literal('shadow'), database: z.string() }),
  /** Collections are about to be built: their names follow from alias and run. */
  z.object({ entry: z.literal('search'), runId: z.string(), aliases: z.array(z.string()) }),
  z.object({
    entry: z.literal('switch'),
    shadowOid: z.string(),
    /** The database that goes (databaseIdentity). Journals of earlier versions do not say it. */
    database: z.string().optional(),
    /** Where the aliases point once the swap has happened. */
    aliases: z.array(z.object({ alias: z.string(), collection: z.string().nullable() })),
    /** The job's receipt, in case the run dies before it writes the record. */
    receipt: z.unknown(),
    /** The job this one undoes. */
    undoes: z.string().nullable(),
  }),
  z.object({
    entry: z.literal('commit'),
    /** Of the transaction that replaces the target in place, in this database (databaseIdentity). */
    xid: z.string(),
    database: z.string(),
    receipt: z.unknown(),
    /** Whether the search was to follow. */
    search: z.boolean(),
  }),
  /**
   * Where the aliases must point in the end: they are about to move there, or to go back. The last such line counts.
   */
  z.object({
    entry: z.literal('alias goals'),
    aliases: z.array(z.object({ alias: z.string(), collection: z.string().nullable() })),
  }),
  z.object({ entry: z.literal('aliases'), moved: z.boolean() }),
  /** The attempt is over, and something is left to the next run. */
  z.object({ entry: z.literal('left') }),
  z.object({ entry: z.literal('ended'), state: z.string() }),
]);

export type JournalEntry = z.infer<typeof entrySchema>;
