import { sqlFile } from '../../lib/sql-file.ts';
import { quoteIdentifier, quoteLiteral } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import type { Dependency } from '../dependencies/dependencies.ts';
import { oneLine } from '../display-name.ts';
import { address } from '../draft.ts';
import type { Address } from '../draft.ts';
import { groupBy } from '../group-by.ts';
import type { UnsupportedObject } from '../model.ts';
import { unsupported } from './unsupported.ts';

const catalogsSql = sqlFile(import.meta.url, './catalogs.sql');
const describeSql = sqlFile(import.meta.url, './describe.sql');

export interface UnclaimedInput {
  readonly dependencies: readonly Dependency[];
  /** The draft that stands for a row, or null. */
  readonly idOf: (row: Address) => string | null;
  /** Comments whose object is not carried. */
  readonly comments: readonly Address[];
  /** Security labels whose object is not carried. */
  readonly labels: readonly Address[];
}

/**
 * The catalogs minus what we copy: every row with a user's OID that no reader claims, that is not a member of an
 * extension, and that is not made together with another row. A kind that nobody thought of, or that a newer server
 * invents, ends up here instead of being lost.
 */
export async function readUnclaimed(
  catalog: CatalogSession,
  rows: readonly Address[],
  input: UnclaimedInput,
): Promise<readonly UnsupportedObject[]> {
  const leftover = findLeftover(rows, input);
  const isPart = (at: Address): boolean => leftover.parts.has(at) || input.idOf(at) !== null;
  const [commented, labelled] = [input.comments.filter(isPart), input.labels.filter(isPart)];
  const described = await describe(catalog, [...leftover.reported, ...commented, ...labelled]);
  const name = (at: Address): string => described.get(at)?.identity ?? at;
  const schema = (at: Address): string | null => described.get(at)?.schema ?? null;
  return [
    ...leftover.reported.map((at) =>
      unsupported(name(at), { table: leftover.tables.get(at) ?? null, schema: schema(at) }),
    ),
    ...commented.map((at) => unsupported(`comment on ${name(at)}`, { schema: schema(at) })),
    ...labelled.map((at) => unsupported(`security label on ${name(at)}`, { schema: schema(at) })),
  ];
}

/** Users' OIDs start here; what initdb makes lies below. */
const firstUserOid = 16_384;

/** Rows that last as long as a session, that belong to a TOAST table, or that are names without an object. */
const conditions: Readonly<Record<string, string>> = {
  pg_namespace: `nspname !~ '^pg_(toast_)?temp_'`,
  pg_class: `relpersistence <> 't' AND relnamespace <> 'pg_toast'::regnamespace`,
  // Names that another operator mentions as its partner come with that one; no statement makes or uses them.
  pg_operator: 'oprcode <> 0',
};

/** Every row with an OID of the user's. */
export async function readUserRows(catalog: CatalogSession): Promise<readonly Address[]> {
  const catalogs = await catalog.rows<{ catalog: string }>(catalogsSql);
  const selects = catalogs.map(
    ({ catalog: name }) =>
      `SELECT ${quoteLiteral(name)} AS "catalog", oid FROM pg_catalog.${quoteIdentifier(name)} ` +
      `WHERE oid >= ${firstUserOid} AND ${conditions[name] ?? 'true'}`,
  );
  const rows = await catalog.rows<{ catalog: string; oid: number }>(selects.join('\nUNION ALL\n'));
  return rows.map((row) => address(row.catalog, row.oid));
}

interface Leftover {
  readonly reported: readonly Address[];
  /** Rows that come along with an object of ours; a comment of their own would be lost. */
  readonly parts: ReadonlySet<Address>;
  /** Where a reported row hangs on one table. */
  readonly tables: ReadonlyMap<Address, string>;
}

/** `a`, `i`, `P`, `S`: it vanishes with what it depends on. */
const belonging = new Set(['a', 'i', 'P', 'S']);

/** Rows that are no objects of their own to people, and need no mention beside the one they belong to. */
const details = new Set([
  'pg_amop',
  'pg_amproc',
  'pg_attrdef',
  'pg_class',
  'pg_constraint',
  'pg_policy',
  'pg_publication_namespace',
  'pg_publication_rel',
  'pg_rewrite',
  'pg_trigger',
]);

function findLeftover(rows: readonly Address[], { dependencies, idOf }: UnclaimedInput): Leftover {
  const upward = groupBy(dependencies, ({ from }) => from);
  const known = new Set(rows);
  const parts = new Set<Address>();
  const tables = new Map<Address, string>();
  const reported: Address[] = [];
  const isMember = (row: Address): boolean => (upward.get(row) ?? []).some(({ type }) => type === 'e');
  // An extension's script does not know the user's objects, so a row on an extension's table that needs one is the
  // user's.
  const isUsers = ({ to, type }: Dependency): boolean =>
    type === 'n' && !to.startsWith('pg_namespace:') && idOf(to) !== null && !isMember(to);
  for (const row of rows) {
    if (idOf(row) !== null || isMember(row)) continue;
    const needs = upward.get(row) ?? [];
    if (needs.some(({ to }) => isTemporary(to, known))) continue;
    const owners = needs.filter(({ type }) => belonging.has(type));
    if (owners.some(({ to }) => isMember(to)) && (isDetail(row) || isInternal(owners))) {
      if (isDetail(row) && needs.some(isUsers)) reported.push(row);
      continue;
    }
    if (isInternal(owners)) {
      parts.add(row);
      continue;
    }
    // A detail of something that is reported itself, or that is made with something else.
    if (isDetail(row) && owners.some(({ to }) => idOf(to) === null)) continue;
    reported.push(row);
    const owningTables = new Set(
      owners.map(({ to }) => idOf(to)).filter((id) => id?.startsWith('table:') === true),
    );
    const [table] = owningTables;
    if (table !== undefined && table !== null && owningTables.size === 1) tables.set(row, table);
  }
  return { reported, parts, tables };
}

function isDetail(row: Address): boolean {
  return details.has(row.slice(0, row.indexOf(':')));
}

function isInternal(owners: readonly Dependency[]): boolean {
  return owners.some(({ type }) => type === 'i');
}

/** Rows of temporary schemas and tables are not among the rows looked at. */
function isTemporary(row: Address, known: ReadonlySet<Address>): boolean {
  return (row.startsWith('pg_class:') || row.startsWith('pg_namespace:')) && !known.has(row);
}

async function describe(
  catalog: CatalogSession,
  rows: readonly Address[],
): Promise<ReadonlyMap<Address, { readonly identity: string; readonly schema: string | null }>> {
  if (rows.length === 0) return new Map();
  const parts = rows.map((row) => row.split(':'));
  const described = await catalog.rows<{
    catalog: string;
    oid: number;
    identity: string;
    schema: string | null;
  }>(describeSql, [parts.map(([name]) => name), parts.map(([, oid]) => oid)]);
  return new Map(
    described.map(({ catalog: name, oid, identity, schema }) => [
      address(name, oid),
      { identity: oneLine(identity), schema },
    ]),
  );
}
