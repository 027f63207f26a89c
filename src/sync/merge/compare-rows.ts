import type { CatalogModel } from '../../catalog/model.ts';
import type { Environment } from '../../environments/environment.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { withReleasers } from '../../lib/releasers.ts';
import { shareOut } from '../../lib/share-out.ts';
import type { ImportPlan } from '../../plan/import-plan.ts';
import type { TableDigest } from '../../postgres/digest.ts';
import type { Run } from '../contract/run.ts';
import { bisect, differingKeys } from '../differing/bisect.ts';
import { openSides } from '../differing/open-sides.ts';
import { comparedPairs } from '../differing/pairs.ts';
import type { ComparedPair } from '../differing/pairs.ts';
import { sideOf } from '../differing/side.ts';
import type { OpenSource } from '../source/open-source.ts';

/** A table as both snapshots have it. */
export interface ComparedRows {
  readonly pair: ComparedPair;
  /** Of the source's rows, which the target is to have. */
  readonly wanted: TableDigest;
  /** Of the target's rows in its snapshot. */
  readonly found: TableDigest;
  /** Hashes of the keys of rows that differ; empty where both have the same rows. */
  readonly keys: readonly BigInt64Array[];
}

export interface Compared {
  readonly tables: readonly ComparedRows[];
  /** The oldest transaction that may be missing in the snapshot of the target. */
  readonly horizon: string;
}

/** Eight bytes each are held here. */
const keysMax = 5_000_000;

/**
 * Finds the rows that differ, table by table, each end in one snapshot. No row travels. TARGET_UNSUPPORTED where so
 * many differ that another mode is the better one.
 */
export async function compareRows(
  run: Run,
  {
    source,
    target,
    plan,
  }: {
    readonly source: OpenSource;
    readonly target: { readonly environment: Environment; readonly model: CatalogModel };
    readonly plan: ImportPlan;
  },
): Promise<Compared> {
  const { report } = run;
  const pairs = comparedPairs(plan, source.model, target.model);
  report.estimate(
    'compare',
    pairs.reduce((sum, { bytes }) => sum + bytes, 0),
    null,
    pairs.length,
  );
  return withReleasers(async (releasers) => {
    const sides = await openSides(run, source, target.environment, pairs.length, releasers);
    const [[, first] = []] = sides;
    const [horizon] =
      (await first?.query<{ xmin: string }>(
        'SELECT pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot())::text AS xmin',
        [],
        run,
      )) ?? [];
    const found = new Map<ComparedPair, ComparedRows>();
    let keysFound = 0;
    await shareOut(
      pairs.toSorted((a, b) => b.bytes - a.bytes),
      sides,
      async ([one, other], pair, signal) => {
        const [name = ''] = pair.names;
        report.itemStarted(name, { bytes: pair.bytes });
        const both = [
          sideOf(one, pair.source, { side: 'source', name }),
          sideOf(other, pair.target, { side: 'target', name }),
        ] as const;
        const bisected = await bisect(both, pair.rowsEstimated, { signal });
        const keys: BigInt64Array[] = [];
        for await (const batch of differingKeys(both, bisected, { signal })) {
          keysFound += batch.length;
          if (keysFound > keysMax) throw tooMany();
          keys.push(BigInt64Array.from(batch.map(({ key }) => key)));
        }
        found.set(pair, { pair, wanted: bisected.source, found: bisected.target, keys });
        report.itemAdvanced(name, bisected.source.rows, pair.bytes);
        report.itemDone(name);
      },
      run.signal,
    );
    return { tables: pairs.flatMap((pair) => found.get(pair) ?? []), horizon: horizon?.xmin ?? '3' };
  });
}

function tooMany(): SyncError {
  return new SyncError(
    'TARGET_UNSUPPORTED',
    `More than ${keysMax.toLocaleString('en')} rows differ, which is not what mode merge is for.`,
    { hint: 'Choose --mode replace or --mode in-place for this run.' },
  );
}
