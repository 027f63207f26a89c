import type { CatalogModel } from '../../catalog/model.ts';
import type { Config } from '../../config/config.ts';
import type { Environment } from '../../environments/environment.ts';
import { withReleasers } from '../../lib/releasers.ts';
import { dumpWorkBytes, openAndSelect, readBack, takeDump } from '../source/take-dump.ts';
import type { TakenDump } from '../source/take-dump.ts';
import type { Journal } from '../journal/journal.ts';
import { leaveOutOf } from '../check/plan-dump.ts';
import { asTargetError } from '../check/check-safety-copy.ts';
import type { ImportRunInput, ImportRunOptions } from '../contract/import-run.ts';

export interface WrittenSafetyCopy extends TakenDump {
  /** Identities of what the options left out of it. */
  readonly leftOut: readonly string[];
  /** What was not read for it because it holds secrets. */
  readonly withheld: CatalogModel['withheld'];
}

/** The safety copy: written, fsynced and read back before anything else happens. */
export async function writeSafetyCopy(
  deps: { readonly config: Config; readonly journal: Journal },
  environment: Environment,
  input: ImportRunInput,
  options: ImportRunOptions,
): Promise<WrittenSafetyCopy> {
  try {
    options.report.step('backup', `Writing the safety copy of "${environment.name}"`);
    const dumpInput = {
      environment,
      jobId: input.jobId,
      purpose: 'backup' as const,
      compression: deps.config.dumps.compression,
      workers: deps.config.sync.workers,
      policies: [],
      leaveOut: [...leaveOutOf(deps.config, input), ...(input.stays ?? [])],
      secrets: deps.config.sync.secrets,
      tablespaces: true,
      untriedServers: deps.config.sync.untriedServers,
    };
    const dump = await withReleasers(async (releasers) => {
      const of = `Safety copy of "${environment.name}"`;
      const { source, selection } = await openAndSelect(releasers, dumpInput, options, of);
      options.report.estimate('backup', dumpWorkBytes(source, selection));
      const taken = await takeDump(deps, source, selection, dumpInput, options);
      return { ...taken, leftOut: selection.named, withheld: source.model.withheld };
    });
    options.report.step('readback', 'Reading the safety copy back');
    options.report.estimate('readback', dump.manifest.file.bytes);
    await readBack(dump, options);
    return dump;
  } catch (error) {
    throw asTargetError(error, environment.name);
  }
}
