import { z } from 'zod';
import { idPattern } from '../../lib/ids.ts';
import { modeNames } from '../../plan/modes.ts';
import { orphanPolicies } from '../../plan/orphans.ts';

/**
 * What a caller may ask for, as it travels through the HTTP body and the queue: names and ids only, never addresses,
 * paths, secrets or rows (invariant 8). The verbs' own types are inferred from it.
 */
const environment = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,62}$/, 'an environment’s name: lower case letters, digits, - and _');
const id = z.string().regex(idPattern, 'an id');
const mode = z.enum(['auto', ...modeNames]).optional();
const backup = z.enum(['file', 'kept']).optional();

const leaveOut = z
  .array(z.string().min(1).max(1000))
  .max(1000)
  .readonly()
  .optional()
  .describe(
    'Kinds (“event trigger”) or names, as plans write them, of objects that may be left out; “missing”: those that ' +
      'need what the target lacks',
  );
const roles = z
  .record(z.string().min(1).max(63), z.string().min(1).max(63))
  .readonly()
  .optional()
  .describe('Role of the source → role of the target that stands for it');
const orphans = z
  .record(z.string().min(1).max(1000), z.enum(orphanPolicies))
  .readonly()
  .optional()
  .describe('Of a merge: foreign key, as plans write it → what becomes of kept rows whose parent goes');
const untriedServers = z
  .boolean()
  .optional()
  .describe('Use servers of major versions that this release was never tried on, at your own risk');
const ignoreMigrations = z
  .boolean()
  .optional()
  .describe('Replace the schema even if the target’s table of migrations does not match');
const unmasked = z
  .boolean()
  .optional()
  .describe('Read rows as they are, without the masks and filters that the configuration has for the source');
const search = z.boolean().optional().describe('Rebuild the target’s search as well; default: if it has one');
const schemas = z
  .array(z.string().min(1).max(63))
  .min(1)
  .max(1000)
  .readonly()
  .optional()
  .describe(
    'The schemas that it is about, as the source calls them, instead of those of the configuration; ' +
      '“*” alone for the whole database',
  );
const schemaName = z.string().min(1).max(63).optional();

const exportInput = z.strictObject({
  environment,
  compression: z.enum(['none', 'gzip']).optional(),
  workers: z.int().min(1).max(16).optional(),
  leaveOut: leaveOut.describe('Kinds or names of objects that stay out of the dump'),
  schemas,
  untriedServers,
  unmasked,
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
  orphans,
  untriedServers,
  ignoreMigrations,
};

const importInput = z.strictObject({
  dump: z.strictObject({ id }),
  ...replacing,
  schema: schemaName.describe('The schema of the application’s tables, as the dump calls it'),
});

const syncInput = z.strictObject({ source: environment, ...replacing, schemas, unmasked });

const typesenseInput = z.strictObject({
  environment,
  collections: z.array(z.string().max(200)).min(1).optional(),
  rebuild: z.boolean().optional().describe('Build also collections that equal the database already'),
  untriedServers,
});

const rollbackInput = z.strictObject({
  jobId: id,
  confirm: z.string(),
  passOver: z.boolean().optional(),
});

const verifyInput = z.strictObject({
  left: environment,
  right: environment,
  search: z
    .boolean()
    .optional()
    .describe('Compare the live search of one environment, named twice, with its database'),
  leaveOut,
  roles,
  schemas,
  untriedServers,
  unmasked,
});

const rehearsalInput = z.strictObject({
  environment: environment.describe('Whose newest dump is restored'),
  server: environment.describe(
    'The environment whose server lends a database; its own database is not touched, and no run writes to it meanwhile',
  ),
  untriedServers,
});

/** By kind, as the API and the queue take it. */
export const inputs = {
  export: exportInput,
  import: importInput,
  sync: syncInput,
  typesense: typesenseInput,
  rollback: rollbackInput,
  verify: verifyInput,
  rehearsal: rehearsalInput,
} as const;

type Taken<S extends z.ZodType> = Readonly<z.infer<S>>;

export type ImportMode = NonNullable<Taken<typeof syncInput>['mode']>;
/** `file`: a dump of the target and the kept database. `kept`: the kept database alone. */
export type BackupChoice = NonNullable<Taken<typeof syncInput>['backup']>;

export type Compression = NonNullable<Taken<typeof exportInput>['compression']>;

export type ExportInput = Taken<typeof exportInput> & {
  /** Command line only: where to put the file (its manifest lies beside it). Never taken from the API. */
  readonly output?: string | undefined;
};
export type ImportInput = Omit<Taken<typeof importInput>, 'dump'> & {
  /** Id of a dump in the catalogue, or (command line only) a file. */
  readonly dump: { readonly id: string } | { readonly file: string };
};
export type SyncInput = Taken<typeof syncInput>;
export type TypesenseInput = Taken<typeof typesenseInput>;
export type RollbackInput = Taken<typeof rollbackInput>;
export type VerifyInput = Taken<typeof verifyInput>;
export type RehearsalInput = Taken<typeof rehearsalInput>;

/** By kind, as the verbs take it. */
export interface Inputs {
  readonly export: ExportInput;
  readonly import: ImportInput;
  readonly sync: SyncInput;
  readonly typesense: TypesenseInput;
  readonly rollback: RollbackInput;
  readonly verify: VerifyInput;
  readonly rehearsal: RehearsalInput;
}
