import type { CatalogModel, CatalogTable } from '../../catalog/model.ts';
import type { Masking } from '../../environments/masking.ts';
import { isMasking } from '../../environments/masking.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { tableName } from '../../lib/table-name.ts';
import { namesIn } from '../../masks/expression.ts';
import { maskKeyId } from '../../masks/mask-key.ts';
import { looksPersonal } from '../../masks/personal.ts';
import type { MaskingTold } from '../../masks/told.ts';
import type { CallOptions, Queryable } from '../../postgres/session.ts';
import { serverFact } from '../../postgres/sqlstate.ts';
import { applyRules, fromOf, oidOf } from './apply-rules.ts';
import type { AppliedMasking, MaskedTable } from './apply-rules.ts';
import { readTraits } from './traits.ts';
import type { TableTraits } from './traits.ts';

/** What masks and filters do to a source. */
export interface MaskedSource {
  /** The environment is never read without masks. */
  readonly required: boolean;
  /** By OID. */
  readonly tables: ReadonlyMap<string, MaskedTable>;
  readonly told: MaskingTold;
}

export interface MaskSourceInput {
  readonly masking: Masking | null;
  readonly name: string;
}

/**
 * Gives the tables of a source's model what they are read through. The session is in the source's snapshot.
 * CONFIG_MASKS lists every rule that does not fit; CONFLICT_MASKS_REQUIRED where a column that looks personal has none
 * and the environment requires it.
 */
export async function maskSource(
  session: Queryable,
  model: CatalogModel,
  { masking, name }: MaskSourceInput,
  options: CallOptions,
): Promise<{ readonly model: CatalogModel; readonly masked: MaskedSource | null }> {
  if (!isMasking(masking)) return { model, masked: null };
  const all = await readTraits(session, model.server.versionNum, options);
  const applied = applyRules(masking, all, model.objects);
  const faults = [...applied.faults, ...(await volatileFaults(session, masking, applied, options))];
  if (faults.length === 0) faults.push(...(await refused(session, applied, options)));
  if (faults.length > 0)
    throw new SyncError('CONFIG_MASKS', `Masks or filters of "${name}" do not fit: ${faults.join('; ')}.`, {
      details: { faults },
    });
  if (masking.required) refuseUncovered(model, all, applied, name);
  const byOid = new Map(all.map((traits) => [traits.oid, traits]));
  return {
    model: { ...model, tables: model.tables.map((table) => withReading(table, applied, byOid, name)) },
    masked: { required: masking.required, tables: applied.tables, told: toldOf(masking, model, applied) },
  };
}

function withReading(
  table: CatalogTable,
  { tables }: AppliedMasking,
  byOid: ReadonlyMap<string, TableTraits>,
  name: string,
): CatalogTable {
  const oid = oidOf(table.id);
  const own = tables.get(oid);
  if (own === undefined) return table;
  if (table.extensionConfig)
    throw new SyncError(
      'CONFIG_MASKS',
      `Masks or filters of "${name}" do not fit: ${tableName(table)} belongs to an extension, which decides what ` +
        'of it is read.',
    );
  const root = byOid.get(oid)?.ancestors.find((ancestor) => {
    const traits = byOid.get(ancestor);
    return traits?.schema === table.loadThrough?.schema && traits?.name === table.loadThrough?.name;
  });
  const whole = root === undefined ? undefined : tables.get(root);
  // Some modes read the tree through its root, which would give rows that are to stay, or all as they are.
  if (table.loadThrough !== null && whole?.conditions.length !== own.conditions.length)
    throw new SyncError(
      'CONFIG_MASKS',
      `Masks or filters of "${name}" do not fit: ${tableName(table)} is read through more of them than ` +
        `${tableName(table.loadThrough)}, of which it is a partition. A foreign key of the partition alone that ` +
        'leads to filtered rows does that: give it to the partitioned table, or filter without "follow".',
    );
  return { ...table, reading: { rows: own.rows, tree: whole?.rows ?? null } };
}

/** Functions that give another answer each time: what was copied could not be proved. */
async function volatileFaults(
  session: Queryable,
  { masks, filters }: Masking,
  { tables }: AppliedMasking,
  options: CallOptions,
): Promise<readonly string[]> {
  const columns = new Set(
    [...tables.values()].flatMap(({ traits }) => traits.columns.map(({ name }) => name)),
  );
  const written = [
    ...masks.flatMap(({ said, columns: rules }) =>
      [...rules].flatMap(([column, rule]) =>
        rule.kind === 'sql' ? [{ at: `${said}: ${column}`, sql: rule.sql }] : [],
      ),
    ),
    ...filters.map(({ said, table, sql }) => ({ at: `${said}: ${table}`, sql })),
  ].map(({ at, sql }) => ({ at, names: namesIn(sql).filter((name) => !columns.has(name)) }));
  if (written.length === 0) return [];
  const found = await session.query<{ name: string }>(
    `SELECT DISTINCT proname AS name FROM pg_catalog.pg_proc WHERE provolatile = 'v' AND proname = ANY ($1::text[])`,
    [written.flatMap(({ names }) => names)],
    options,
  );
  const volatile = new Set(found.map(({ name }) => name));
  return written.flatMap(({ at, names }) =>
    names
      .filter((name) => volatile.has(name))
      .map((name) => `${at} uses ${name}, which may give another answer each time (VOLATILE)`),
  );
}

/**
 * What the server says against each expression. Where a condition stands, it takes no aggregates, no windows and no
 * functions that make rows of one row.
 */
async function refused(
  session: Queryable,
  { tables }: AppliedMasking,
  options: CallOptions,
): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const { traits, rules, filters, rows } of tables.values()) {
    const asked = [
      ...[...rules].flatMap(([column, rule]) =>
        rule.kind === 'sql' ? [{ at: column, sql: `(${rule.sql}\n) IS NULL` }] : [],
      ),
      ...filters.map(({ sql, said }) => ({ at: said, sql: `(${sql}\n)` })),
    ].map(({ at, sql }) => ({ at, sql: `SELECT FROM ${fromOf(traits)} AS ${quoted(traits)} WHERE ${sql}` }));
    const before = faults.length;
    for (const { at, sql } of asked) {
      const fault = await explained(session, sql, options);
      if (fault !== null) faults.push(`${tableName(traits)} (${at}): ${fault}`);
    }
    const fault = faults.length > before ? null : await explained(session, rows, options);
    if (fault !== null) faults.push(`${tableName(traits)}: ${fault}`);
  }
  return faults;
}

function quoted({ name }: TableTraits): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Nothing is read: the server only plans it. What it says is about the text, which is the configuration's own. */
async function explained(session: Queryable, sql: string, options: CallOptions): Promise<string | null> {
  await session.query('SAVEPOINT masks', [], options);
  try {
    await session.query(`EXPLAIN ${sql}`, [], options);
    return null;
  } catch (error) {
    options.signal?.throwIfAborted();
    return serverFact(error, true);
  } finally {
    await session.query('ROLLBACK TO SAVEPOINT masks', [], options);
  }
}

function refuseUncovered(
  model: CatalogModel,
  all: readonly TableTraits[],
  { ruled }: AppliedMasking,
  name: string,
): void {
  const carried = new Set(model.tables.map(({ id }) => oidOf(id)));
  const open = all
    .filter(({ oid }) => carried.has(oid))
    .flatMap((traits) =>
      traits.columns
        .filter((column) => !ruled.has(`${traits.oid}.${column.name}`) && looksPersonal(column) !== null)
        .map((column) => `${tableName(traits)} (${column.name})`),
    );
  if (open.length === 0) return;
  throw new SyncError(
    'CONFLICT_MASKS_REQUIRED',
    `"${name}" requires masks, and ${open.length} column(s) look personal and have no rule: ${open.join(', ')}.`,
    { details: { columns: open } },
  );
}

function toldOf({ key }: Masking, { tables }: CatalogModel, applied: AppliedMasking): MaskingTold {
  const carried = tables.flatMap((table) => applied.tables.get(oidOf(table.id)) ?? []);
  return {
    keyId: key === null ? null : maskKeyId(key),
    columns: carried.flatMap(({ traits, rules }) =>
      [...rules].map(([column, { kind }]) => ({ table: tableName(traits), column, rule: kind })),
    ),
    filtered: carried
      .filter(({ conditions }) => conditions.length > 0)
      .map(({ traits }) => tableName(traits)),
  };
}
