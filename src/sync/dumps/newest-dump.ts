import type { Config } from '../../config/config.ts';
import { listDumps } from '../../dump/store.ts';
import type { DumpSummary } from '../../dump/store.ts';

/**
 * The newest dump of an environment, whatever it was made for: a safety copy is a dump of its environment, too. Null
 * where there is none; those with a manifest that cannot be read are told by name, and not chosen.
 */
export async function newestDump(
  config: Pick<Config, 'directories'>,
  environment: string,
  onDamaged: (manifest: string) => void,
): Promise<DumpSummary | null> {
  const all = await listDumps(config, onDamaged);
  return all.find((one) => one.environment === environment) ?? null;
}
