/** `parts__20261122130500_ab12cd34`: the alias, when its build began (UTC), and who built it. */
export function newCollectionName(alias: string, startedAt: number, runId: string): string {
  const stamp = new Date(startedAt).toISOString().replaceAll(/\D/g, '').slice(0, 14);
  const run = runId
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '')
    .slice(-8);
  return `${alias}__${stamp}_${run === '' ? 'run' : run}`;
}

/** Whether `collection` is one that this program built for `alias`: only those may ever be dropped. */
export function isBuiltCollection(alias: string, collection: string): boolean {
  return (
    collection.startsWith(`${alias}__`) && /^\d{14}_[a-z0-9]{1,8}$/.test(collection.slice(alias.length + 2))
  );
}
