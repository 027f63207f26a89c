import type { Environment } from '../../environments/environment.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { sqlFile } from '../../lib/sql-file.ts';
import { otherName, schemaNames } from '../../plan/schema-names.ts';
import { databaseError } from '../../postgres/sqlstate.ts';
import type { Asker, End } from '../contract/run.ts';
import { sourceEnd, targetEnd } from './connect.ts';

const schemasSql = sqlFile(import.meta.url, './schemas.sql');

/** An environment of which it is decided which schemas a run is about; null for the whole database. */
export type RestrictedEnvironment = Environment & { readonly schemas: readonly string[] | null };

export interface RestrictedEnds {
  readonly source: RestrictedEnvironment;
  readonly target: RestrictedEnvironment;
  /** A sentence where nobody has said it, and other people's schemas stay as they are. */
  readonly notes: readonly string[];
}

interface SchemaRow {
  readonly schema: string;
  readonly owner: string;
  readonly ours: boolean;
}

/**
 * Which schemas a run between two environments is about: what is said for this run, else what the configuration says
 * of either (of both, if they say the same), else the whole of both if every schema belongs to the role of its address
 * (or to the owner of the application's schema), else the schema of the application's tables alone.
 * CONFLICT_SCHEMA_NAMES where the two ends say different things. One query a database, where nobody says it.
 */
export async function restrictEnds(
  run: Asker,
  {
    source,
    target,
    asked,
    side = 'target',
  }: {
    readonly source: Environment;
    readonly target: Environment;
    /** Said for this run, as the source calls them. */
    readonly asked: readonly string[] | undefined;
    /** What the second environment is for: it is a source as well if both are only compared. */
    readonly side?: 'source' | 'target';
  },
): Promise<RestrictedEnds> {
  const names = schemaNames(source.schema, target.schema);
  const there = (schemas: readonly string[]): readonly string[] =>
    schemas.map((schema) => otherName(names, schema));
  const said =
    asked === undefined
      ? { source: source.schemas, target: target.schemas }
      : { source: namedSchemas(asked, source), target: undefined };
  const ends = (schemas: readonly string[] | null, notes: readonly string[]): RestrictedEnds => ({
    source: { ...source, schemas: schemas === null ? null : there(schemas) },
    target: { ...target, schemas },
    notes,
  });
  if (said.source !== undefined && said.target !== undefined)
    refuseDifferent({ source, target }, isList(said.source) ? there(said.source) : null, said.target);
  if (isList(said.target)) return ends(said.target, []);
  if (isList(said.source)) return ends(there(said.source), []);
  if (said.source === null || said.target === null) return ends(null, []);
  const notes = [...(await othersOf(run, target, side)), ...(await othersOf(run, source, 'source'))];
  return ends(notes.length === 0 ? null : [target.schema], notes);
}

/** The same for one environment that is read alone. */
export async function restrictSource(
  run: Asker,
  source: Environment,
  asked: readonly string[] | undefined,
): Promise<{ readonly source: RestrictedEnvironment; readonly notes: readonly string[] }> {
  const schemas = asked === undefined ? source.schemas : namedSchemas(asked, source);
  const { schemas: decided, notes } = await restrictAlone(run, { ...source, schemas }, 'source');
  return { source: { ...source, schemas: decided }, notes };
}

/** The same for a target that a file is brought into, whatever the file holds. */
export function restrictTarget(
  run: Asker,
  target: Environment,
): Promise<{ readonly schemas: readonly string[] | null; readonly notes: readonly string[] }> {
  return restrictAlone(run, target, 'target');
}

async function restrictAlone(
  run: Asker,
  environment: Environment,
  side: 'source' | 'target',
): Promise<{ readonly schemas: readonly string[] | null; readonly notes: readonly string[] }> {
  const { schemas, schema } = environment;
  if (schemas !== undefined) return { schemas, notes: [] };
  const notes = await othersOf(run, environment, side);
  return { schemas: notes.length === 0 ? null : [schema], notes };
}

/** Null for the whole database. USAGE_INVALID without the schema of the application's tables. */
function namedSchemas(asked: readonly string[], { name, schema }: Environment): readonly string[] | null {
  if (asked.length === 1 && asked[0] === '*') return null;
  if (asked.includes(schema)) return [...new Set(asked)];
  throw new SyncError(
    'USAGE_INVALID',
    `The schemas ${asked.join(', ')} do not hold the application’s tables of "${name}", which are in ${schema}.`,
    { hint: `Name schema ${schema} as well.` },
  );
}

function isList(schemas: Environment['schemas']): schemas is readonly string[] {
  return schemas !== undefined && schemas !== null;
}

function refuseDifferent(
  { source, target }: { readonly source: Environment; readonly target: Environment },
  fromSource: readonly string[] | null,
  toTarget: readonly string[] | null,
): void {
  const same =
    fromSource === null || toTarget === null
      ? fromSource === toTarget
      : fromSource.length === toTarget.length && fromSource.every((schema) => toTarget.includes(schema));
  if (same) return;
  const words = (schemas: Environment['schemas']): string =>
    isList(schemas) ? `the schemas ${schemas.join(', ')}` : 'the whole database';
  throw new SyncError(
    'CONFLICT_SCHEMA_NAMES',
    `Runs of "${source.name}" are about ${words(source.schemas)}, and runs of "${target.name}" about ` +
      `${words(target.schemas)}: one run must be about the same on both ends.`,
    { hint: 'Say the same schemas for both (NAME_DATABASE_SCHEMAS), or say them for one of the two.' },
  );
}

/** A sentence if the database has schemas that belong to somebody else. */
async function othersOf(
  run: Asker,
  environment: Environment,
  side: 'source' | 'target',
): Promise<readonly string[]> {
  const end: End = side === 'source' ? sourceEnd(environment) : targetEnd(environment);
  await using database = run.connect(end, { access: 'read', connections: 1 });
  const rows = await database
    .withSession((session) => session.query<SchemaRow>(schemasSql, [environment.schema], run), run.signal)
    .catch((error: unknown) => {
      run.signal.throwIfAborted();
      throw databaseError(error, side, `Reading the schemas of "${environment.name}"`);
    });
  if (rows.every(({ ours, schema }) => ours || schema === environment.schema)) return [];
  const rest = rows.filter(({ schema }) => schema !== environment.schema);
  const owners = [...new Set(rest.map(({ owner }) => owner))];
  const provider = providers.find(({ role }) => owners.includes(role));
  const of = provider === undefined ? '' : ` on ${provider.name}`;
  return [
    `"${environment.name}"${of}: only schema ${environment.schema} takes part; ${rest.length} other ` +
      `${rest.length === 1 ? 'schema stays as it is' : 'schemas stay as they are'} (owned by ${owners.join(', ')}).`,
  ];
}

/** Who runs the server, told by a role that owns a schema there: for the reader alone, nothing hangs on it. */
const providers: readonly { readonly role: string; readonly name: string }[] = [
  { role: 'supabase_admin', name: 'Supabase' },
  { role: 'rdsadmin', name: 'Amazon RDS' },
  { role: 'cloudsqladmin', name: 'Google Cloud SQL' },
  { role: 'azuresu', name: 'Azure' },
  { role: 'cloud_admin', name: 'Neon' },
];
