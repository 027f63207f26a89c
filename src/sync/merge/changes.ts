import type { CatalogModel } from '../../catalog/model.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { sqlFile } from '../../lib/sql-file.ts';
import { tableName } from '../../lib/table-name.ts';
import type { ImportPlan } from '../../plan/import-plan.ts';
import { onOtherEnd } from '../../plan/schema-names.ts';
import { qualifiedName } from '../../postgres/identifiers.ts';
import { rowsAsTable } from '../../postgres/rows.ts';
import type { Session } from '../../postgres/session.ts';
import type { Run } from '../contract/run.ts';
import type { ComparedRows } from './compare-rows.ts';
import type { MergeTable } from './merge-table.ts';

const traitsSql = sqlFile(import.meta.url, './traits.sql');

/** Tables of which rows change. */
export interface Changes {
  readonly staged: readonly { readonly table: MergeTable; readonly rows: ComparedRows }[];
  readonly emptied: readonly MergeTable[];
}

/** Tables that a policy empties and that have rows. */
export async function filledOf(
  session: Session,
  plan: ImportPlan,
  { tables }: CatalogModel,
  { signal }: Run,
): Promise<readonly CatalogModel['tables'][number][]> {
  const filled = [];
  for (const planned of plan.empty) {
    const named = onOtherEnd(plan.names, planned);
    const table = tables.find(({ schema, name }) => schema === named.schema && name === named.name);
    if (table === undefined) continue;
    const [row] = await session.query<{ filled: boolean }>(
      `SELECT EXISTS (SELECT FROM ${rowsAsTable(table)}) AS filled`,
      [],
      { signal },
    );
    if (row?.filled === true) filled.push(table);
  }
  return filled;
}

/** An extension's rows are told apart by a condition of its own, under which they cannot be changed. */
export function refuseParts(differing: readonly ComparedRows[]): void {
  const parts = differing.filter(({ pair }) => pair.targetTable.extensionConfig);
  if (parts.length === 0) return;
  const names = parts.flatMap(({ pair }) => pair.names);
  throw new SyncError(
    'TARGET_UNSUPPORTED',
    `Mode merge cannot change rows of an extension's table: ${names.join(', ')}.`,
    {
      details: { tables: names },
      hint: 'Leave these rows out (policy exclude), or choose --mode replace or in-place.',
    },
  );
}

export async function mergeTables(
  session: Session,
  differing: readonly ComparedRows[],
  emptied: readonly CatalogModel['tables'][number][],
  { signal }: Run,
): Promise<Changes> {
  const nameOf = ({ schema, name }: { readonly schema: string; readonly name: string }): string =>
    qualifiedName(schema, name);
  const found = [
    ...differing.map((rows) => {
      const { targetTable, target, names } = rows.pair;
      return {
        name: names.join(', '),
        into: nameOf(targetTable.loadThrough ?? targetTable),
        own: target.rows,
        of: targetTable,
        compared: target,
      };
    }),
    ...emptied.map((table) => ({
      name: tableName({ schema: table.schema, name: table.name }),
      into: nameOf(table),
      own: rowsAsTable(table),
      of: table,
      compared: { rows: rowsAsTable(table), columns: table.columns, key: [], keyAs: 'text' as const },
    })),
  ];
  const traits = await readTraits(
    session,
    found.map(({ into }) => into),
    { signal },
  );
  const tables = found.map(({ of, ...table }, index): MergeTable => {
    const columns = of.columns.filter(({ generated }) => !generated).map(({ name }) => name);
    const made = { ...table, index: index + 1, columns };
    return { ...made, replaced: replacedColumns(made, traits[index]) };
  });
  return {
    staged: differing.flatMap((rows, index) => {
      const table = tables[index];
      return table === undefined ? [] : [{ table, rows }];
    }),
    emptied: tables.slice(differing.length),
  };
}

/** See traits.sql. */
interface Trait {
  readonly columns: readonly string[];
  readonly all: boolean;
}

/** Of tables, by their qualified names, in their order. */
export async function readTraits(
  session: Session,
  tables: readonly string[],
  options: { readonly signal: AbortSignal },
): Promise<readonly (Trait | undefined)[]> {
  const traits = await session.query<Trait & { at: number }>(traitsSql, [tables], options);
  return tables.map((_, index) => traits.find(({ at }) => at === index + 1));
}

/** See `MergeTable.replaced`. */
export function replacedColumns(
  { columns, compared }: Pick<MergeTable, 'columns' | 'compared'>,
  trait: Trait | undefined,
): readonly string[] {
  const key = new Set(compared.key);
  // A column that the server computes of others: any of them may change it.
  const any =
    trait === undefined ||
    trait.all ||
    trait.columns.some((name) => !key.has(name) && !columns.includes(name));
  return columns.filter((name) => !key.has(name) && (any || trait.columns.includes(name)));
}
