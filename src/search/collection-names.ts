/**
 * `parts__20261122130500_ab12cd34_5f0c77aa`: the alias, when its build began (UTC), the run that built it, and under
 * which lock (`lockMark`; left out where that is not known).
 */
export function newCollectionName(
  alias: string,
  startedAt: number,
  { runId, lockMark }: { readonly runId: string; readonly lockMark: string | null },
): string {
  const stamp = new Date(startedAt).toISOString().replaceAll(/\D/g, '').slice(0, 14);
  return [`${alias}__${stamp}`, builder(runId), ...(lockMark === null ? [] : [lockMark])].join('_');
}

function builder(runId: string): string {
  const run = runId
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '')
    .slice(-8);
  return run === '' ? 'run' : run;
}

/** Whether `collection` is one that this program built for `alias`: only those may ever be dropped. */
export function isBuiltCollection(alias: string, collection: string): boolean {
  return partsOf(alias, collection) !== null;
}

/** Whether it is one that one of these runs built. */
export function isBuiltByRun(alias: string, collection: string, runIds: readonly string[]): boolean {
  const parts = partsOf(alias, collection);
  return parts !== null && runIds.some((runId) => builder(runId) === parts.builder);
}

/** Whether it was built under the lock with this mark, by whatever run of whatever service. */
export function isBuiltUnderLock(alias: string, collection: string, lockMark: string | null): boolean {
  return lockMark !== null && partsOf(alias, collection)?.lockMark === lockMark;
}

/** In the place of a lock's mark: made empty to see whether Typesense takes it, and removed at once. */
export const probeMark = '00000000';
const probeLeftMs = 86_400_000;

/**
 * Whether it was made for a look only, by a plan that was killed before it could remove it: a day ago, as clocks
 * differ.
 */
export function isLeftProbe(alias: string, collection: string, now: number): boolean {
  if (!isBuiltUnderLock(alias, collection, probeMark)) return false;
  const yesterday = newCollectionName(alias, now - probeLeftMs, { runId: '', lockMark: null });
  return collection < yesterday;
}

function partsOf(
  alias: string,
  collection: string,
): { readonly builder: string; readonly lockMark: string | null } | null {
  if (!collection.startsWith(`${alias}__`)) return null;
  const match = /^\d{14}_([a-z0-9]{1,8})(?:_([0-9a-f]{8}))?$/.exec(collection.slice(alias.length + 2));
  return match?.[1] === undefined ? null : { builder: match[1], lockMark: match[2] ?? null };
}
