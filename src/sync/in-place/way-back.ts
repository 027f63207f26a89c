import type { CatalogModel } from '../../catalog/model.ts';
import { toleranceBetween, sameDefinition } from '../../catalog/comparison/definitions.ts';
import type { DumpReader } from '../../dump/dump-reader.ts';
import type { Manifest } from '../../dump/manifest.ts';
import { SyncError } from '../../errors/sync-error.ts';
import type { RunnableObject } from '../../plan/runnable-object.ts';
import type { TargetRights } from '../../plan/target-rights.ts';
import { lacking, planWayBack, undoLacks } from '../../plan/way-back.ts';
import type { Session } from '../../postgres/session.ts';
import type { Snapshot } from '../../postgres/snapshot.ts';
import type { Reporter } from '../../progress/progress.ts';
import { tryWayBack } from './try-way-back.ts';
import type { WayBack } from './try-way-back.ts';
import { noWayBack } from '../check/no-way-back.ts';

/** The safety copy of this run, and what an undo of the run would do with it. */
export interface SafetyCopy {
  readonly name: string;
  readonly manifest: Manifest;
  readonly reader: DumpReader;
  readonly objects: readonly RunnableObject[];
  /** Identities of what the options left out of it. */
  readonly leftOut: readonly string[];
  /** What was not read for it because it holds secrets. */
  readonly withheld: CatalogModel['withheld'];
  /** What was read for it. */
  readonly snapshot: Snapshot;
  readonly leaveOut: readonly string[];
  readonly stays: readonly string[];
  /** Ids of what stays in the target in the run itself. */
  readonly staying: ReadonlySet<string>;
  readonly rights: TargetRights;
  readonly databaseSettings: boolean;
  /**
   * The run is an undo itself: that the present state could not be restored later must not keep people from going
   * back.
   */
  readonly undoing: boolean;
}

/**
 * Proves, before anything is dropped for good, that an undo could make the target's own objects again. Returns what it
 * would not bring back as it was, and whether what the run removes is gone by now. TARGET_UNSUPPORTED names what cannot
 * be made again, CONFLICT_TARGET_CHANGED what was changed since the copy was written.
 */
export async function proveWayBack(
  session: Session,
  copy: SafetyCopy,
  { model, removed, apart }: Pick<WayBack, 'model' | 'removed' | 'apart'>,
  options: { readonly signal: AbortSignal; readonly report: Reporter },
): Promise<{ readonly lacks: readonly string[]; readonly removed: boolean }> {
  const { manifest, objects, name, undoing } = copy;
  const { plan, trial, faults } = planWayBack({
    ...copy,
    offer: {
      objects,
      tables: manifest.tables,
      sequences: manifest.sequences,
      extensions: manifest.extensions,
      extensionMembers: manifest.extensionMembers,
      sourceVersionNum: manifest.source.serverVersionNum,
    },
    target: model,
  });
  const expected = new Set([...copy.leftOut, ...copy.withheld.map(({ identity }) => identity)]);
  const lacks = lacking(model, objects, plan?.staying ?? new Set());
  refuseChanged([...lacks.filter((identity) => !expected.has(identity)), ...changedSince(objects, model)]);
  const { faults: impossible, removed: isGone } =
    trial === null || faults.length > 0
      ? { faults: faults.map(({ message }) => message), removed: false }
      : await tryWayBack(session, { reader: copy.reader, plan: trial, model, removed, apart }, options);
  if (impossible.length > 0 && !undoing) throw noWayBack(name, impossible);
  for (const fault of impossible)
    options.report.log('warn', 'An undo of this undo could not make an object again.', { object: fault });
  const known = plan === null ? [] : undoLacks({ ...copy, target: model, copied: objects, plan });
  return {
    lacks: [...known, ...impossible.map((fault) => `impossible until this can be made: ${fault}`)],
    removed: isGone,
  };
}

/** Kinds whose statement is not the same each time it is read. */
const notCompared: ReadonlySet<string> = new Set([
  'extension member',
  'large objects',
  'sequence value',
  'subscription',
  'user mapping',
]);

/** Definitions that are not what the copy says. Rows are compared by their digests (safety-copy.ts). */
function changedSince(
  objects: readonly RunnableObject[],
  { objects: now, server }: CatalogModel,
): readonly string[] {
  const there = new Map(now.map((object) => [object.identity, object]));
  const tolerance = toleranceBetween(server.versionNum, server.versionNum);
  return objects
    .filter((object) => {
      if (notCompared.has(object.kind)) return false;
      const live = there.get(object.identity);
      return live === undefined || !sameDefinition(object, live, tolerance);
    })
    .map(({ identity }) => identity);
}

function refuseChanged(objects: readonly string[]): void {
  if (objects.length === 0) return;
  throw new SyncError(
    'CONFLICT_TARGET_CHANGED',
    `The target changed after its safety copy was written: ${objects.join(', ')}. The run changed nothing.`,
    { details: { objects } },
  );
}
