import type { CatalogModel, Reference } from '../../catalog/model.ts';
import type { Masking, MaskRule, RowFilter } from '../../environments/masking.ts';
import { means } from '../../environments/table-policy.ts';
import { tableName } from '../../lib/table-name.ts';
import { maskSql } from '../../masks/mask-sql.ts';
import type { MaskSql } from '../../masks/mask-sql.ts';
import { readingSql } from '../../masks/reading.ts';
import type { ReadColumn } from '../../masks/reading.ts';
import { qualifiedName, quoteIdentifier } from '../../postgres/identifiers.ts';
import type { TableTraits } from './traits.ts';

/** A table that is not read as it is. */
export interface MaskedTable {
  readonly traits: TableTraits;
  /** Columns with a rule that changes them. */
  readonly rules: ReadonlyMap<string, MaskRule>;
  readonly masks: ReadonlyMap<string, MaskSql>;
  /** Rules that a person wrote as SQL, for this table: what they are over. */
  readonly filters: readonly RowFilter[];
  /** Its filters, and those that follow from the filters of tables it refers to. */
  readonly conditions: readonly string[];
  /** Reads its own rows; of a partitioned table those of its partitions. */
  readonly rows: string;
}

export interface AppliedMasking {
  /** By OID. */
  readonly tables: ReadonlyMap<string, MaskedTable>;
  /** `table (column): what is wrong`, each with its place; nothing may be read where there are any. */
  readonly faults: readonly string[];
  /** Columns that have any rule, `keep` too: `oid.column`. */
  readonly ruled: ReadonlySet<string>;
}

/** Finds what each rule means among the tables of a database. Pure. */
export function applyRules(
  masking: Masking,
  all: readonly TableTraits[],
  objects: CatalogModel['objects'],
): AppliedMasking {
  const byOid = new Map(all.map((traits) => [traits.oid, traits]));
  const faults: string[] = [];
  const family = (traits: TableTraits): readonly TableTraits[] => [
    traits,
    ...traits.ancestors.flatMap((oid) => byOid.get(oid) ?? []),
  ];
  const isMeant = (table: string, traits: TableTraits): boolean =>
    family(traits).some(({ schema, name }) => means({ table, policy: 'sync' }, schema, name));
  faults.push(...unmatched(masking, all, isMeant));
  for (const { table, said } of [...masking.masks, ...masking.filters])
    for (const traits of all) {
      // The whole tree may be read at once, through its root: of partitions only the root has no ancestors.
      const root = family(traits).find(({ partitioned, ancestors }) => partitioned && ancestors.length === 0);
      if (root !== undefined && isMeant(table, traits) && !isMeant(table, root))
        faults.push(
          `${said}: ${tableName(traits)} is a partition; name ${tableName(root)}, of which it is one`,
        );
    }
  const ruled = new Set<string>();
  const filtersOf = (traits: TableTraits): readonly RowFilter[] =>
    masking.filters.filter(({ table }) => isMeant(table, traits));
  const follow = new Following(byOid, objects, filtersOf, faults);
  const tables = new Map<string, MaskedTable>();
  for (const traits of all) {
    const rules = new Map<string, MaskRule>();
    const masks = new Map<string, MaskSql>();
    for (const { table, columns, said } of masking.masks) {
      if (!isMeant(table, traits)) continue;
      for (const [column, rule] of columns) {
        const found = traits.columns.find(({ name }) => name === column);
        if (found === undefined || ruled.has(`${traits.oid}.${column}`)) continue;
        ruled.add(`${traits.oid}.${column}`);
        if (rule.kind === 'keep') continue;
        const mask = obstacle(traits, column) ?? maskSql(rule, found);
        if (typeof mask === 'string') faults.push(`${said}: ${tableName(traits)} (${column}) ${mask}`);
        else {
          rules.set(column, rule);
          masks.set(column, mask);
        }
      }
    }
    const conditions = follow.conditionsOf(traits);
    if (rules.size + conditions.length === 0) continue;
    const rows = readingSql({
      from: fromOf(traits),
      name: traits.name,
      columns: traits.columns.map((column) => readColumn(column, masks)),
      conditions,
    });
    tables.set(traits.oid, { traits, rules, masks, filters: filtersOf(traits), conditions, rows });
  }
  return { tables, faults: [...new Set(faults)], ruled };
}

/** A rule that means nothing has been overtaken by a change of the schema: what it masked would be read as it is. */
function unmatched(
  { masks, filters }: Masking,
  all: readonly TableTraits[],
  isMeant: (table: string, traits: TableTraits) => boolean,
): readonly string[] {
  const absent = (table: string, said: string): string =>
    `${said}: the source has no table that "${table}" means`;
  return [
    ...masks.flatMap(({ table, said, columns }) => {
      const meant = all.filter((traits) => isMeant(table, traits));
      if (meant.length === 0) return [absent(table, said)];
      return [...columns.keys()]
        .filter((column) => !meant.some((traits) => traits.columns.some(({ name }) => name === column)))
        .map((column) => `${said}: ${table} has no column "${column}"`);
    }),
    ...filters
      .filter(({ table }) => !all.some((traits) => isMeant(table, traits)))
      .map(({ table, said }) => absent(table, said)),
  ];
}

/** Why a column cannot be masked, whatever its rule; null for nothing. */
function obstacle({ columns, partitionKey, uniques }: TableTraits, column: string): string | null {
  if (columns.some(({ name, generated }) => name === column && generated !== null))
    return 'is computed from other columns: mask those, and it follows';
  if (partitionKey.includes(column))
    return 'decides in which partition a row lies, so the row would have no place there';
  const exclusion = uniques.find(
    ({ exclusion: excludes, columns: keys, expressions }) =>
      excludes && (keys.includes(column) || expressions),
  );
  if (exclusion !== undefined)
    return `is a part of the exclusion constraint "${exclusion.name}", which masked rows cannot be held against`;
  return null;
}

function readColumn(
  { name, type, generated, from }: TableTraits['columns'][number],
  masks: ReadonlyMap<string, MaskSql>,
): ReadColumn {
  const again = generated !== null && from.some((column) => masks.has(column)) ? generated : null;
  return { name, type, mask: masks.get(name)?.sql ?? null, again };
}

export function fromOf({ partitioned, schema, name }: TableTraits): string {
  return `${partitioned ? '' : 'ONLY '}${qualifiedName(schema, name)}`;
}

/** OID of the table that an object of a model is; the key's other end is found by it. */
export function oidOf(id: string): string {
  return id.replace(/^table:/, '');
}

/** Conditions of a table: its own, and for keys to filtered tables whose filter is followed, that the row is there. */
class Following {
  readonly #byOid: ReadonlyMap<string, TableTraits>;
  readonly #references: readonly { readonly identity: string; readonly reference: Reference }[];
  readonly #filtersOf: (traits: TableTraits) => readonly RowFilter[];
  readonly #faults: string[];
  readonly #done = new Map<string, readonly string[]>();

  constructor(
    byOid: ReadonlyMap<string, TableTraits>,
    objects: CatalogModel['objects'],
    filtersOf: (traits: TableTraits) => readonly RowFilter[],
    faults: string[],
  ) {
    this.#byOid = byOid;
    this.#references = objects.flatMap(({ identity, reference }) =>
      reference === undefined || reference.outside !== undefined ? [] : [{ identity, reference }],
    );
    this.#filtersOf = filtersOf;
    this.#faults = faults;
  }

  conditionsOf(traits: TableTraits): readonly string[] {
    return this.#walk(traits, []).conditions;
  }

  /** Whether rows that refer to this table's go with those that are filtered. */
  #walk(
    traits: TableTraits,
    below: readonly string[],
  ): { readonly conditions: readonly string[]; readonly followed: boolean } {
    const own = this.#filtersOf(traits);
    const known = this.#done.get(traits.oid);
    const family = [traits.oid, ...traits.ancestors];
    const conditions = known ?? [
      ...own.map(({ sql }) => `(${sql}\n)`),
      ...this.#references
        .filter(({ reference }) => family.includes(oidOf(reference.table)))
        .flatMap(({ identity, reference }) => {
          const parent = this.#byOid.get(oidOf(reference.referenced));
          if (parent === undefined) return [];
          if (below.includes(parent.oid) || parent.oid === traits.oid) {
            const filters = this.#filtersOf(parent).filter(({ pointing }) => pointing === 'follow');
            for (const { said } of filters)
              this.#faults.push(
                `${said}: ${identity} leads from ${tableName(parent)} back to itself, so what points at its ` +
                  'filtered rows cannot be followed; filter so that nothing does',
              );
            return [];
          }
          const there = this.#walk(parent, [...below, traits.oid]);
          return there.followed && there.conditions.length > 0
            ? [isThere(traits, parent, reference, there.conditions)]
            : [];
        }),
    ];
    if (below.length === 0) this.#done.set(traits.oid, conditions);
    const followed = own.length === 0 || own.some(({ pointing }) => pointing === 'follow');
    return { conditions, followed };
  }
}

/** Of a row that refers to something: that what it refers to is read. */
function isThere(
  { name }: TableTraits,
  parent: TableTraits,
  { columns, full }: Reference,
  conditions: readonly string[],
): string {
  const one = (column: string): string => `${quoteIdentifier(name)}.${quoteIdentifier(column)}`;
  const key = columns.map((column) => one(column.name));
  const keys = columns.map(({ referenced }) => quoteIdentifier(referenced)).join(', ');
  const equal = columns.map(
    ({ name: column, referenced, equals }) =>
      `"multiboard_sync_there".${quoteIdentifier(referenced)} OPERATOR(${quoteIdentifier(equals.schema)}.${equals.name}) ${one(column)}`,
  );
  // Of MATCH FULL nothing but NULLs refers to nothing; the source has no row with some.
  const nothing = full
    ? `pg_catalog.num_nonnulls(${key.join(', ')}) = 0`
    : `pg_catalog.num_nulls(${key.join(', ')}) > 0`;
  const read = `SELECT ${keys} FROM ${fromOf(parent)} AS ${quoteIdentifier(parent.name)} WHERE ${conditions.join(' AND ')}`;
  return `(${nothing} OR EXISTS (SELECT FROM (${read}) AS "multiboard_sync_there" WHERE ${equal.join(' AND ')}))`;
}
