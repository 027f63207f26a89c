import { appendFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { serverBinaries } from '../support/servers/fetch.ts';
import { sameDefinition, toleranceBetween } from '../../src/catalog/comparison/definitions.ts';
import { oneOfEverything } from '../catalog/fixtures.ts';
import { fixtureDatabase, modelOf, withSession } from '../catalog/oracle.ts';
import { sharedServer, startServer } from '../catalog/servers.ts';
it('all', async () => {
  for (const major of [13, 14, 15, 16, 17] as const) {
    const log = (text: string): void => appendFileSync('/tmp/h6/diff.log', `${major} ${text}\n`);
    const server = await startServer(serverBinaries(major));
    const roles = { owner: await server.role('owner'), reader: await server.role('reader'), writer: await server.role('writer') };
    for (const fixture of oneOfEverything) {
      try {
        const source = await fixtureDatabase(fixture, roles, server);
        const target = await sharedServer.database('up');
        const model = await modelOf(source.url);
        await withSession(target.url, 'target', async (session) => {
          for (const object of model.objects) { try { await session.execute(object.sql); } catch (e) { log(`${fixture} FAILED ${object.identity} ${String(e)}`); } }
        });
        const found = new Map((await modelOf(target.url)).objects.map((o) => [o.identity, o]));
        for (const object of model.objects) {
          const other = found.get(object.identity);
          if (other === undefined) { log(`${fixture} MISSING ${object.identity}`); continue; }
          if (object.kind !== 'sequence value' && !sameDefinition(object, other, toleranceBetween(major * 10000, 180000)))
            log(`### ${fixture} ${object.kind} ${object.identity}\n${object.sql}\n---\n${other.sql}`);
        }
        log(`${fixture} compared`);
        await target.drop();
        await source.drop();
      } catch (error) { log(`### ${fixture} ${String(error).slice(0, 300)}`); }
    }
  }
  expect(1).toBe(1);
}, 3_000_000);
