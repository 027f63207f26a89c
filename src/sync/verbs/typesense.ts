import { SyncError } from '../../errors/sync-error.ts';
import { targetEnd } from '../ends/connect.ts';
import { environmentNamed } from '../ends/environments.ts';
import { stepsOf } from '../contract/requests.ts';
import type { Run } from '../contract/run.ts';
import { makeReceipt } from './make-receipt.ts';
import { lockMarkOf } from '../search/lock-mark.ts';
import { askSearch } from '../check/ask-search.ts';
import { SearchRun } from '../search/search-run.ts';
import { openTarget } from '../recover/open-target.ts';
import type { TypesenseInput } from '../contract/inputs.ts';
import type { Receipt } from '../contract/receipts.ts';
import { checkProtection } from '../ends/opened-target.ts';

/**
 * Rebuilds an environment's search from its database: build beside, verify, move the aliases. Only reads the
 * database. Errors: CONFLICT_TARGET_PROTECTED, CONFIG_SEARCH_MISSING, USAGE_NOT_FOUND (no such collection), those of
 * the search; the aliases did not move then.
 */
export async function rebuildSearch(run: Run, input: TypesenseInput): Promise<Receipt> {
  const startedAt = run.now();
  const { config, report } = run;
  const environment = environmentNamed(config, input.environment);
  checkProtection(environment);
  const collections = (input.collections ?? config.collections.map(({ name }) => name)).map((name) => {
    const known = config.collections.find((collection) => collection.name === name);
    if (known !== undefined) return known;
    throw new SyncError(
      'USAGE_NOT_FOUND',
      `There is no collection "${name}"; there are: ${config.collections.map((one) => one.name).join(', ')}.`,
    );
  });
  report.plan(stepsOf('typesense'));
  report.step('recover', 'Looking for what an earlier run left');
  // A rebuild writes to the search, so it takes the target's lock and clears up after a dead run first.
  await using target = await openTarget(run, environment);
  const { signal } = target;
  report.step('check', `Checking the search of "${environment.name}"`);
  if ([...config.environments.values()].some((other) => other !== environment && other.search !== null)) {
    const asked = { environment, collections, confirmed: true };
    for (const sentence of (await askSearch({ ...run, signal }, asked)).notes) report.log('warn', sentence);
  }
  const search = new SearchRun(
    run.journal,
    {
      config,
      environment,
      collections,
      runId: run.attempt,
      lockMark: lockMarkOf(target.facts),
      rebuild: input.rebuild,
      now: run.now,
    },
    { ...run, signal },
  );
  await using database = run.connect(targetEnd(environment), { access: 'read', connections: 2 });
  try {
    report.step('search-build', 'Building the search collections');
    await search.build(database);
    signal.throwIfAborted();
    await target.lock.prove(target.maintenance);
    report.step('search-switch', 'Moving the search aliases');
    await search.move();
  } catch (error) {
    await search.discard();
    throw error;
  }
  report.step('clean', 'Removing old collections');
  await search.retire();
  return makeReceipt(run, 'typesense', startedAt, {
    target: environment.name,
    collections: search.receipts,
  });
}
