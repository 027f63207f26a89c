import { refuseUnswitchable } from '../switch/why-not.ts';
import { SyncError } from '../../errors/sync-error.ts';
import type { Releasers } from '../../lib/releasers.ts';
import type { Selection } from '../../plan/select.ts';
import { firstFault } from '../check/blockers.ts';
import { prepareSync } from '../check/check-sync.ts';
import type { Prepared, SyncRequest } from '../check/check-sync.ts';
import type { TargetEnd } from '../check/check-target.ts';
import type { Run } from '../contract/run.ts';
import type { OpenTarget } from '../ends/opened-target.ts';
import { askedTarget, readTargetOn } from '../ends/read-target.ts';
import { openSource } from '../source/open-source.ts';
import type { OpenSource } from '../source/open-source.ts';
import { warnLeftOut } from '../source/take-dump.ts';

export interface BothEnds extends Omit<Prepared<TargetEnd>, 'source'> {
  readonly source: OpenSource;
  readonly selection: Selection;
  /** A sentence for each thing to know that does not come from the target alone. */
  readonly mentioned: readonly string[];
}

/**
 * Makes every check that a plan makes; the first fault ends the run. The source stays open, in its snapshot, until the
 * releasers close it.
 */
export async function openBoth(
  run: Run,
  request: SyncRequest,
  target: OpenTarget,
  releasers: Releasers,
): Promise<BothEnds> {
  const { config, report, signal } = run;
  const asked = askedTarget(run, target.environment);
  releasers.defer(() => asked.close());
  const prepared = await prepareSync(
    run,
    request,
    {
      target: async () => ({
        ...target,
        asked,
        model: await readTargetOn(asked, target.environment, { signal }),
      }),
      source: async (opening) => {
        const opened = await openSource(run, { ...opening, workers: config.sync.workers });
        releasers.defer(() => opened[Symbol.asyncDispose]());
        return opened;
      },
    },
    firstFault,
    { confirmed: true },
  );
  const { source, target: look, checked } = prepared;
  const plan = checked.prepared?.plan ?? null;
  if (look !== null && plan !== null) {
    const { name } = target.environment;
    await refuseUnswitchable(asked, { name, plan, model: look.model, choice: checked.choice }, { signal });
  }
  await asked.close();
  const { selection } = checked;
  if (source === null || selection === null)
    throw new SyncError('INTERNAL', 'There is neither a source nor a reason against it.');
  // Sentences about the target are left out here, because whoever writes to it reports them.
  const mentioned = [...checked.ofSource, ...checked.mentioned, ...checked.notes];
  warnLeftOut(report, selection.named, `Source "${request.from.name}"`);
  for (const sentence of [...selection.leftOut, ...mentioned]) report.log('warn', sentence);
  return { ...prepared, source, selection, mentioned };
}
