import { errorReport } from '../../errors/sync-error.ts';
import { counted } from '../../progress/words.ts';
import { checkQueries } from '../../search/check-queries.ts';
import { compareLive } from '../../search/compare-live.ts';
import type { LiveComparison } from '../../search/compare-live.ts';
import { inSnapshot } from '../../search/in-snapshot.ts';
import type { CollectionReceipt } from '../contract/receipts.ts';
import type { Run } from '../contract/run.ts';
import { targetEnd } from '../ends/connect.ts';
import type { OpenTarget } from '../ends/opened-target.ts';

/** More of them are left to `verify --search`: an undo takes seconds. */
const comparedMax = 20_000;

/**
 * Whether the collections that an undo has brought back say what the database says: people's rows that were carried
 * over are not in them. The undo is done by then, so nothing here fails it: what could not be compared stays "not
 * checked", and a warning says why.
 */
export async function compareUndone(
  run: Run,
  { environment }: Pick<OpenTarget, 'environment'>,
  collections: readonly CollectionReceipt[],
): Promise<{ readonly collections: readonly CollectionReceipt[]; readonly warnings: readonly string[] }> {
  const { name, search: cluster, schema } = environment;
  const back = new Set(collections.flatMap(({ alias, collection }) => (collection === null ? [] : [alias])));
  const configs = run.config.collections.filter((config) => back.has(config.name));
  const documents = collections.reduce((sum, one) => sum + one.documents, 0);
  if (cluster === null || configs.length === 0 || documents > comparedMax)
    return { collections, warnings: [] };
  // The undo is done, and a cancel comes too late.
  const { signal } = new AbortController();
  const side = 'target';
  try {
    await using database = run.connect(targetEnd(environment), { access: 'read', connections: 1 });
    const compared = await inSnapshot(database, signal, async (session) => {
      await checkQueries(session, configs, schema, { signal, side });
      return compareLive({ cluster }, session, { collections: configs, schema, side }, { signal });
    });
    const equal = new Set(
      compared.flatMap(({ alias, differences }) => (differences === null ? [alias] : [])),
    );
    return {
      collections: collections.map((one) => (equal.has(one.alias) ? { ...one, verified: true } : one)),
      warnings: compared.flatMap((one) => warningOf(one, name)),
    };
  } catch (error) {
    const { message } = errorReport(error);
    return { collections, warnings: [`The search was not compared with the database: ${message}`] };
  }
}

function warningOf({ alias, differences }: LiveComparison, name: string): readonly string[] {
  if (differences === null) return [];
  const { missing, foreign, different } = differences;
  return [
    `The search "${alias}" is the one of before and differs from the database in ` +
      `${counted(missing + foreign + different, 'document')} (${missing} missing, ${foreign} too many, ` +
      `${different} different). To rebuild it: multiboard-sync typesense ${name}`,
  ];
}
