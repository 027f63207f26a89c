import type { CatalogModel, CatalogTable } from '../../catalog/model.ts';
import { largeObjectPolicy } from '../../environments/table-policy.ts';
import type { Manifest, ManifestTable } from '../../dump/manifest.ts';
import { rulesOf } from '../../plan/schema-names.ts';
import { partitionParents, tablePolicies } from '../../plan/table-policies.ts';
import { digestsEqual, tableDigest } from '../../postgres/digest.ts';
import type { Run } from '../contract/run.ts';
import { refuseColumnsGone, refuseUndoLosses } from './undo-losses.ts';
import type { UndoneTable } from './undo-losses.ts';
import { askedTarget, readTargetOn } from '../ends/read-target.ts';
import type { Receipt } from '../contract/receipts.ts';
import type { SeenTarget } from '../contract/seen-target.ts';
import { tableName } from '../../lib/table-name.ts';
import type { OpenTarget } from '../ends/opened-target.ts';

/**
 * Tables whose rows belong to people: those the run kept, and those the policy keeps now, even if they were made
 * later.
 */
export function peoplesTables(
  { config }: Pick<Run, 'config'>,
  receipt: Receipt,
  live: CatalogModel,
): readonly string[] {
  const policies = tablePolicies(live.objects, rulesOf(config.tablePolicies, receipt.schemas, 'target'));
  const now = live.tables.filter(({ id }) => ['preserve', 'exclude'].includes(policies.get(id) ?? ''));
  return [
    ...new Set([
      ...receipt.tables.filter(({ content }) => content === 'kept').map(({ table }) => table),
      ...now.map(({ schema, name }) => tableName({ schema, name })),
    ]),
  ];
}

/** The same for large objects. */
export function keepsLargeObjects({ config }: Pick<Run, 'config'>, receipt: Receipt): boolean {
  // Receipts of earlier versions say nothing of them.
  if ((receipt.largeObjects ?? null)?.content === 'kept') return true;
  return ['preserve', 'exclude'].includes(largeObjectPolicy(config.tablePolicies));
}

/** What these tables are partitions of: numbers are given by a sequence of the root. */
function rootsOf({ objects }: CatalogModel, tables: readonly string[]): readonly string[] {
  const parents = partitionParents(objects);
  const named = new Map(objects.filter(({ kind }) => kind === 'table').map((table) => [table.id, table]));
  const roots = new Set<string>();
  for (const [id, { schema, name }] of named) {
    if (!tables.includes(tableName({ schema, name }))) continue;
    for (let parent = parents.get(id); parent !== undefined; parent = parents.get(parent)) {
      const root = named.get(parent);
      if (root !== undefined) roots.add(tableName(root));
    }
  }
  return [...roots];
}

/**
 * Those of people's tables that the safety copy has as well, and the target as it was seen. CONFLICT_UNDO_CHANGED if
 * rows would be lost.
 */
export async function keptInPlace(
  run: Run,
  { environment }: OpenTarget,
  receipt: Receipt,
  copy: Manifest,
): Promise<{ readonly kept: readonly string[]; readonly seen: SeenTarget }> {
  await using asked = askedTarget(run, environment);
  const at = run.now();
  const live = await readTargetOn(asked, environment, run);
  const kept: string[] = [];
  await asked.withSession(async (session) => {
    const places: UndoneTable[] = [];
    const lacking: { readonly old: ManifestTable; readonly live: CatalogTable }[] = [];
    for (const wanted of peoplesTables(run, receipt, live)) {
      const named = ({ schema, name }: { schema: string; name: string }): boolean =>
        tableName({ schema, name }) === wanted;
      const [now, then] = [live.tables.find(named), copy.tables.find(named)];
      if (now === undefined) continue;
      if (then === undefined) {
        places.push({ live: now, columns: null, changed: true });
        continue;
      }
      lacking.push({ old: then, live: now });
      const shared = then.columns.every(({ name }) => now.columns.some((column) => column.name === name));
      const digest = shared ? await tableDigest(session, { ...now, columns: then.columns }, run) : null;
      const changed = digest === null || then.digest === null || !digestsEqual(digest, then.digest);
      places.push({ live: now, columns: then.columns, changed });
      kept.push(wanted);
    }
    await refuseUndoLosses(session, places, run);
    // The old values are in the dump only.
    await refuseColumnsGone(null, lacking, run);
  }, run.signal);
  return { kept: [...kept, ...rootsOf(live, kept)], seen: { at, model: live, checked: null } };
}
