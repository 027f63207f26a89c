import { sqlForServer } from '../../../src/catalog/sql-for-server.ts';
import { sqlFile } from '../../../src/lib/sql-file.ts';
import type { BenchDatabase } from '../../harness/environment-pair.ts';

const blindSpotsSql = sqlFile(import.meta.url, './blind-spots.sql');

interface Fact {
  readonly kind: string;
  readonly name: string;
  readonly value: string | null;
}

/** What `pg_dump --schema-only` does not show of a database, one line per fact, sorted. */
export async function blindSpots(database: Pick<BenchDatabase, 'query'>): Promise<string[]> {
  const [version] = await database.query<{ num: number }>(
    "SELECT current_setting('server_version_num')::int AS num",
  );
  const facts = await database.query<Fact>(
    `SET search_path = '';\n${sqlForServer(blindSpotsSql, version?.num ?? 0)}`,
  );
  return facts.map(({ kind, name, value }) => `${kind} ${name}: ${value}`).sort();
}
