/** `parts__20261122130500_ab12cd34`: the alias, when its build began (UTC), and who built it. */
export function newCollectionName(alias: string, startedAt: number, runId: string): string {
  const stamp = new Date(startedAt).toISOString().replaceAll(/\D/g, '').slice(0, 14);
  return `${alias}__${stamp}_${builder(runId)}`;
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
  return (
    collection.startsWith(`${alias}__`) && /^\d{14}_[a-z0-9]{1,8}$/.test(collection.slice(alias.length + 2))
  );
}

/** Whether it is one that one of these runs built. */
export function isBuiltByRun(alias: string, collection: string, runIds: readonly string[]): boolean {
  if (!isBuiltCollection(alias, collection)) return false;
  const by = collection.slice(collection.lastIndexOf('_') + 1);
  return runIds.some((runId) => builder(runId) === by);
}
