import type { CatalogModel } from '../../catalog/model.ts';
import type { Environment } from '../../environments/environment.ts';
import { withReleasers } from '../../lib/releasers.ts';
import { dumpWorkBytes, openAndSelect, readBack, takeDump } from '../source/take-dump.ts';
import type { TakenDump } from '../source/take-dump.ts';
import type { Snapshot } from '../../postgres/snapshot.ts';
import type { Run } from '../contract/run.ts';
import { asTargetError } from '../check/check-safety-copy.ts';
import type { ImportRunInput } from '../contract/import-run.ts';

export interface WrittenSafetyCopy extends TakenDump {
  /** Identities of what the options left out of it. */
  readonly leftOut: readonly string[];
  /** What was not read for it because it holds secrets. */
  readonly withheld: CatalogModel['withheld'];
  readonly snapshot: Snapshot;
}

/** The safety copy: written, fsynced and read back before anything else happens. */
export async function writeSafetyCopy(
  run: Run,
  environment: Environment,
  input: ImportRunInput,
): Promise<WrittenSafetyCopy> {
  const { config, report } = run;
  try {
    report.step('backup', `Writing the safety copy of "${environment.name}"`);
    const dumpInput = {
      environment,
      purpose: 'backup' as const,
      compression: config.dumps.compression,
      workers: config.sync.workers,
      policies: [],
      leaveOut: [...input.asked.leaveOut, ...(input.undoing?.stays ?? [])],
      secrets: config.sync.secrets,
      tablespaces: true,
    };
    const dump = await withReleasers(async (releasers) => {
      const of = `Safety copy of "${environment.name}"`;
      const { source, selection } = await openAndSelect(run, releasers, { ...dumpInput, masking: null }, of);
      report.estimate('backup', dumpWorkBytes(source, selection));
      const taken = await takeDump(run, source, selection, dumpInput);
      return {
        ...taken,
        leftOut: selection.named,
        withheld: source.model.withheld,
        snapshot: source.snapshot,
      };
    });
    report.step('readback', 'Reading the safety copy back');
    report.estimate('readback', dump.manifest.file.bytes);
    await readBack(run, dump);
    return dump;
  } catch (error) {
    throw asTargetError(error, environment.name);
  }
}
