import type { Difference } from '../../catalog/difference.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { counted } from '../../progress/words.ts';
import { checkQueries } from '../../search/check-queries.ts';
import { compareLive } from '../../search/compare-live.ts';
import type { LiveComparison } from '../../search/compare-live.ts';
import { inSnapshot } from '../../search/in-snapshot.ts';
import type { VerifyInput } from '../contract/inputs.ts';
import type { VerifyReceipt } from '../contract/receipts.ts';
import { stepsOf } from '../contract/requests.ts';
import type { Run } from '../contract/run.ts';
import { sourceEnd } from '../ends/connect.ts';
import { environmentNamed } from '../ends/environments.ts';

const side = 'source';

/**
 * Compares what the live search of an environment holds with its database, document by document; only reads. What
 * differs is the result, not an error. Errors: USAGE_INVALID (two environments, or options that speak of tables),
 * CONFIG_SEARCH_MISSING, those of `compareLive` and of the connection.
 */
export async function verifySearch(run: Run, input: VerifyInput): Promise<VerifyReceipt> {
  const startedAt = run.now();
  const { config, report, signal } = run;
  const { left: name, right, leaveOut, roles, schemas } = input;
  if (name !== right || [leaveOut, roles, schemas].some((option) => option !== undefined)) {
    throw new SyncError(
      'USAGE_INVALID',
      'A search is compared with the database of its own environment, named twice; what is left out, roles and ' +
        'schemas have no meaning there.',
    );
  }
  const environment = environmentNamed(config, name);
  const { search: cluster, schema } = environment;
  if (cluster === null)
    throw new SyncError('CONFIG_SEARCH_MISSING', `The environment "${name}" has no Typesense.`);
  report.plan(stepsOf('verify'));
  report.step('check', `Opening "${name}" and its search`);
  await using database = run.connect(sourceEnd(environment), { access: 'read', connections: 1 });
  const { collections } = config;
  const compared = await inSnapshot(database, signal, async (session) => {
    const documents = await checkQueries(session, collections, schema, { signal, side });
    report.step('verify', 'Comparing every document');
    report.estimate('verify', 0, null, documents.size);
    for (const collection of collections) report.itemStarted(collection.name, { rows: null });
    const onCompared = ({ alias }: LiveComparison): void => {
      report.itemDone(alias);
    };
    return compareLive({ cluster }, session, { collections, schema, side }, { signal, onCompared });
  });
  return {
    type: 'verify',
    equal: compared.every(({ differences }) => differences === null),
    left: name,
    right: `the search of ${name}`,
    search: true,
    tables: compared.map(({ alias, documents, stored, differences }) => ({
      table: alias,
      equal: differences === null,
      leftRows: documents,
      rightRows: stored,
      leftDigest: null,
      rightDigest: null,
      differingKeys: (differences?.documents ?? []).map(({ id }) => id),
    })),
    differences: compared.flatMap(differenceOf),
    notCompared: compared.flatMap(({ alias, proof }) =>
      proof === 'contents'
        ? []
        : [
            `all of each document of ${alias}: this Typesense cannot export so many whole ones safely, so the hash ` +
              'that was sent along was read',
          ],
    ),
    seconds: (run.now() - startedAt) / 1000,
  };
}

/** Keys of documents and names of their fields, never values. */
function differenceOf({ alias, collection, node, differences }: LiveComparison): readonly Difference[] {
  if (differences === null) return [];
  const difference = (words: string): readonly Difference[] => [
    { kind: 'collection', name: alias, difference: words },
  ];
  if (collection === null) return difference('there is no such alias; the search was never built');
  const { missing, foreign, different, foreignKeys, documents } = differences;
  const keys = [...new Set(documents.flatMap((one) => one.keys))].sort();
  const parts = [
    ...(missing === 0 ? [] : [`${counted(missing, 'document')} missing`]),
    ...(foreign === 0 ? [] : [`${counted(foreign, 'document')} too many`]),
    ...(different === 0
      ? []
      : [`${different} different${keys.length === 0 ? '' : ` (in ${keys.slice(0, 10).join(', ')})`}`]),
  ];
  const written =
    foreignKeys.length === 0
      ? ''
      : `; ${foreignKeys.join(', ')}: written by another program, and lost when the search is rebuilt`;
  return difference(`${parts.join(', ')} at ${node ?? ''}${written}`);
}
