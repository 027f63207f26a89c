import type { Config } from '../../config/config.ts';
import { jobRecords } from '../journal/records.ts';
import { hasEffect, undoOrder } from './undo-order.ts';
import type { UndoOrder } from './undo-order.ts';

/**
 * How each of these jobs stands among those of its target, from one look at the records; without those that changed
 * nothing.
 */
export async function undoOrdersOf(
  config: Pick<Config, 'directories'>,
  jobs: readonly { readonly id: string; readonly target: string | null }[],
): Promise<ReadonlyMap<string, UndoOrder>> {
  const targets = new Set(jobs.map(({ target }) => target));
  const ids = new Set(jobs.map(({ id }) => id));
  if (ids.size === 0) return new Map();
  const records = await jobRecords(config, (record) => record.target !== null && targets.has(record.target));
  return new Map(
    records
      .filter((record) => ids.has(record.id) && hasEffect(record))
      .map((record) => [
        record.id,
        undoOrder(
          record,
          records.filter(({ target }) => target === record.target),
        ),
      ]),
  );
}
