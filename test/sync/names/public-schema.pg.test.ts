import { beforeAll, describe, expect, it } from 'vitest';
import { lacks } from '../../support/lacks.ts';
import { serverBinaries } from '../../support/servers/fetch.ts';
import { startServer } from '../../catalog/servers.ts';
import type { CatalogServer } from '../../catalog/servers.ts';
import { createBench, modes } from '../../harness/environment-pair.ts';

/** Before 15 schema public belongs to whoever made the server, and everybody may create in it. */
describe.skipIf(lacks('postgres-13'))('schema public between 18 and 13', () => {
  let server: CatalogServer;
  beforeAll(async () => {
    server = await startServer(serverBinaries(13));
  });

  it.each(modes)('is no difference on the way down (%s)', async (mode) => {
    const target = await server.database('target');
    const bench = await createBench({ target });
    await bench.source.query('CREATE TABLE t (id integer PRIMARY KEY); INSERT INTO t VALUES (1)');
    for (const run of mode === 'replace' ? [mode] : [mode, mode]) await bench.sync(run);
    expect(await target.query('SELECT id FROM t')).toEqual([{ id: 1 }]);
    expect((await bench.verify()).differences).toEqual([]);
  });
});
