import { policyFor } from '../../environments/table-policy.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { rulesOf } from '../../plan/schema-names.ts';
import type { SchemaNames } from '../../plan/schema-names.ts';
import { rowsAsTable } from '../../postgres/rows.ts';
import { databaseError } from '../../postgres/sqlstate.ts';
import type { CallOptions } from '../../postgres/session.ts';
import type { OpenSource } from './open-source.ts';

/**
 * Refuses a source in whose snapshot a table that must have rows has none, or is not there: it is the wrong database.
 * SOURCE_EMPTY names each. One row of each table is looked for, no more.
 */
export async function refuseEmpty(
  { leader, model }: Pick<OpenSource, 'leader' | 'model'>,
  mustHaveRows: readonly string[],
  names: SchemaNames | null,
  options: CallOptions,
): Promise<void> {
  const empty: string[] = [];
  for (const rule of mustHaveRows) {
    const rules = rulesOf([{ table: rule, policy: 'preserve' }], names, 'source');
    const tables = model.tables
      .filter(({ schema, name }) => policyFor(rules, schema, name) === 'preserve')
      .map((table) => `EXISTS (SELECT FROM ${rowsAsTable({ ...table, condition: null })})`);
    if (tables.length === 0) {
      empty.push(rule);
      continue;
    }
    try {
      const [row] = await leader.query<{ filled: boolean }>(
        `SELECT ${tables.join(' OR ')} AS filled`,
        [],
        options,
      );
      if (row?.filled !== true) empty.push(rule);
    } catch (error) {
      options.signal?.throwIfAborted();
      throw databaseError(error, 'source', `Looking for rows in "${rule}"`);
    }
  }
  if (empty.length === 0) return;
  throw new SyncError(
    'SOURCE_EMPTY',
    `${empty.length} table(s) that must have rows have none in the source: ${empty.join(', ')}.`,
    { details: { tables: empty, tablesInSource: model.tables.length } },
  );
}
