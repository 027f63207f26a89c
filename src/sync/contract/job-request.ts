import { z } from 'zod';
import { idPattern } from '../../lib/ids.ts';
import type { ExportInput, ImportInput } from './receipts.ts';

/**
 * What a caller may ask for, as it travels through the HTTP body and the queue: names and ids only, never addresses,
 * paths, secrets or rows (invariant 8). `version` lets a newer worker refuse or read an older payload.
 */
const environment = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,62}$/, 'an environment’s name: lower case letters, digits, - and _');
const id = z.string().regex(idPattern, 'an id');
const mode = z.enum(['auto', 'replace', 'in-place']).optional();
const backup = z.enum(['file', 'kept']).optional();

const leaveOut = z
  .array(z.string().min(1).max(1000))
  .max(1000)
  .readonly()
  .optional()
  .describe('Kinds (“event trigger”) or names, as plans write them, of objects that may be left out');
const roles = z
  .record(z.string().min(1).max(63), z.string().min(1).max(63))
  .readonly()
  .optional()
  .describe('Role of the source → role of the target that stands for it');
const untriedServers = z
  .boolean()
  .optional()
  .describe('Use servers of major versions that this release was never tried on, at your own risk');
const ignoreMigrations = z
  .boolean()
  .optional()
  .describe('Replace the schema even if the target’s table of migrations does not match');
const search = z.boolean().optional().describe('Rebuild the target’s search as well; default: if it has one');
const schemaName = z.string().min(1).max(63).optional();

export const exportInputSchema = z.strictObject({
  environment,
  compression: z.enum(['none', 'gzip']).optional(),
  workers: z.int().min(1).max(16).optional(),
  leaveOut,
  untriedServers,
});

/** Of what replaces a target. */
const replacing = {
  target: environment,
  confirm: z.string(),
  mode,
  backup,
  search,
  owners: z.boolean().optional(),
  privileges: z.boolean().optional(),
  leaveOut,
  roles,
  untriedServers,
  ignoreMigrations,
};

export const importInputSchema = z.strictObject({
  dump: z.strictObject({ id }),
  ...replacing,
  schema: schemaName.describe('The schema of the application’s tables, as the dump calls it'),
});

export const syncInputSchema = z.strictObject({ source: environment, ...replacing });

export const typesenseInputSchema = z.strictObject({
  environment,
  collections: z.array(z.string().max(200)).min(1).optional(),
  untriedServers,
});

const rollbackInputSchema = z.strictObject({
  jobId: id,
  confirm: z.string(),
  passOver: z.boolean().optional(),
});

export const verifyInputSchema = z.strictObject({
  left: environment,
  right: environment,
  leaveOut,
  roles,
  untriedServers,
});

export const jobRequestSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('export'), input: exportInputSchema }),
  z.strictObject({ kind: z.literal('import'), input: importInputSchema }),
  z.strictObject({ kind: z.literal('sync'), input: syncInputSchema }),
  z.strictObject({ kind: z.literal('typesense'), input: typesenseInputSchema }),
  z.strictObject({ kind: z.literal('rollback'), input: rollbackInputSchema }),
  z.strictObject({ kind: z.literal('verify'), input: verifyInputSchema }),
]);

export type JobRequest = z.infer<typeof jobRequestSchema>;

/** The command line may also name a file; the queue and the API never can (`jobRequestSchema`). */
export type LocalJobRequest =
  | JobRequest
  | { readonly kind: 'export'; readonly input: ExportInput }
  | { readonly kind: 'import'; readonly input: ImportInput };
