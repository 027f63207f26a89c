import { SyncError } from '../../../errors/sync-error.ts';
import { sqlFile } from '../../../lib/sql-file.ts';
import { tableName } from '../../../lib/table-name.ts';
import type { ImportPlan } from '../../../plan/import-plan.ts';
import type { Database } from '../../../postgres/database.ts';

const uniqueSql = sqlFile(import.meta.url, './unique-keys.sql');
const overlapsSql = sqlFile(import.meta.url, './keys-without-overlaps.sql');

/**
 * Whether the target's excluded tables have the keys that foreign keys of the source refer to, because they stay as
 * they are. TARGET_KEPT_TABLE names each that is missing. Only reads.
 */
export async function checkUniqueKeys(
  database: Database,
  { objects, fromTarget }: Pick<ImportPlan, 'objects' | 'fromTarget'>,
  options: { readonly signal: AbortSignal },
): Promise<void> {
  const tables = new Map(objects.map((object) => [object.id, object]));
  const leading = objects.flatMap(({ id, identity, reference }) => {
    const table = tables.get(reference?.referenced ?? '');
    if (reference === undefined || table === undefined || fromTarget.has(id) || !fromTarget.has(table.id))
      return [];
    const columns = reference.columns.map(({ referenced }) => referenced);
    // The last column is the PERIOD; the key of such a one is WITHOUT OVERLAPS, and no unique index.
    const period = reference.period === true ? (columns.at(-1) ?? null) : null;
    return [{ identity, columns, period, schema: table.schema ?? '', name: table.name }];
  });
  if (leading.length === 0) return;
  const faults = await database.withSession(async (session) => {
    const found: string[] = [];
    for (const { identity, columns, period, schema, name } of leading) {
      const sorted = columns.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      const [sql, values] = period === null ? [uniqueSql, []] : [overlapsSql, [period]];
      const asked = [schema, name, sorted, ...values];
      const [row] = await session.query<{ unique: boolean }>(sql, asked, options);
      if (row?.unique === true) continue;
      const listed = columns.map((column) => (column === period ? `PERIOD ${column}` : column)).join(', ');
      found.push(`${identity} refers to ${tableName({ schema, name })} (${listed})`);
    }
    return found;
  }, options.signal);
  if (faults.length === 0) return;
  throw new SyncError(
    'TARGET_KEPT_TABLE',
    `Foreign keys refer to excluded tables that lack the unique key for them in the target: ${faults.join('; ')}.`,
    {
      details: { foreignKeys: faults },
      hint:
        'Give the target’s table the key, as the source’s has it; or leave the foreign key out (--leave-out, ' +
        'once for each, by its name).',
    },
  );
}
