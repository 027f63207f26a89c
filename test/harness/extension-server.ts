import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { privatePostgres } from '../support/postgres.ts';
import type { PrivatePostgres } from '../support/postgres.ts';
import { createDatabase, queryOnce } from '../support/postgres-connection.ts';
import { scratchDirectory } from '../support/scratch.ts';
import type { BenchDatabase } from './environment-pair.ts';

export interface ExtensionServer extends PrivatePostgres {
  /** A new, empty database. */
  readonly database: () => Promise<BenchDatabase>;
}

/**
 * A server that has one more extension to install: `keeper`, made of a script; scripts of other versions by their
 * names.
 */
export async function extensionServer(
  script: string,
  others: Readonly<Record<string, string>> = {},
  settings: Readonly<Record<string, string>> = {},
): Promise<ExtensionServer> {
  const directory = await scratchDirectory('extensions');
  await chmod(directory, 0o755);
  await mkdir(join(directory, 'extension'));
  // Trusted: ordinary owners of a database may install it; what its script makes is a superuser's.
  const control = "default_version = '1.0'\nrelocatable = false\ntrusted = true\n";
  await writeFile(join(directory, 'extension', 'keeper.control'), control);
  for (const [version, text] of Object.entries({ '1.0': script, ...others }))
    await writeFile(join(directory, 'extension', `keeper--${version}.sql`), text);
  const server = await privatePostgres({
    ...settings,
    extension_control_path: `${directory}:$system`,
  });
  let names = 0;
  const database = async (): Promise<BenchDatabase> => {
    names += 1;
    const name = `keeper_${names}`;
    await createDatabase(server.url, name);
    const url = server.urlOf(name);
    return {
      url,
      name,
      query: <Row>(sql: string, values?: readonly unknown[]) => queryOnce(url, sql, values) as Promise<Row[]>,
    };
  };
  return { ...server, database };
}
