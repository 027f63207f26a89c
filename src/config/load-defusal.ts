import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import type { DefusalFile } from '../environments/defusal.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { ConfigFile } from './config-file.ts';
import type { Faults } from './faults.ts';
import { readOwnedFile } from './owned-file.ts';

/** The files that an environment names, relative to the configuration file. They run with its rights. */
export function loadDefusal(name: string, file: ConfigFile, faults: Faults): readonly DefusalFile[] {
  return (file.sections.environments?.[name]?.defuse ?? []).flatMap((path, index) => {
    const place = file.place(['environments', name, 'defuse', index]);
    try {
      const sql = readOwnedFile(resolve(file.folder, path));
      if (sql !== null) return [{ name: path, sql, sha256: createHash('sha256').update(sql).digest('hex') }];
      faults.add(`${place}: ${path} is not there`);
    } catch (error) {
      if (!(error instanceof SyncError)) throw error;
      faults.add(`${place}: ${error.message.replace(/\.$/, '')}`);
    }
    return [];
  });
}
