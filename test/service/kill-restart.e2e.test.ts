import { beforeAll, describe, expect, test } from 'vitest';
import { besides, command, littleModels } from '../harness/workshop.ts';
import type { Fault, Models } from '../harness/workshop.ts';
import { lacks } from '../support/lacks.ts';
import { startRedis } from '../support/redis.ts';
import { startTypesense } from '../support/typesense.ts';
import type { TestTypesense } from '../support/typesense-server.ts';
import { begins, serve } from './service.ts';
import type { TestService } from './service.ts';
import { remains, searchShop, statesOf } from './shop.ts';
import type { Shop, State } from './shop.ts';

const request = { source: 'src', target: 'dst', confirm: 'dst' };
const old = { database: 'old', search: 'old' } as const;
const fresh = { database: 'new', search: 'new' } as const;

interface Kill {
  readonly when: string;
  readonly fault: Fault;
  /** What stands after the kill. */
  readonly left: { readonly database: State; readonly search: State };
  readonly queue?: 'redis' | 'embedded';
  /** Where the kill came after the switch; before it, the second run is like any other. */
  readonly undo?: true;
}

const kills: readonly Kill[] = [
  { when: 'the source is read', fault: { sends: ' TO STDOUT', count: 2 }, left: old },
  { when: 'rows are loaded', fault: { sends: ' FROM stdin', count: 2 }, left: old, queue: 'embedded' },
  { when: 'the search is built', fault: { sends: '/documents/import', count: 2 }, left: old },
  {
    when: 'the database is live and the aliases are not',
    fault: { sends: 'PUT /aliases/', before: true },
    left: { database: 'new', search: 'old' },
    undo: true,
  },
  { when: 'it clears up', fault: begins('clean'), left: fresh, queue: 'redis', undo: true },
];

describe.skipIf(lacks('typesense') || lacks('redis'))('the service, killed and started again', () => {
  let models: Models;
  let typesense: TestTypesense;

  beforeAll(async () => {
    [models, typesense] = await Promise.all([littleModels(), startTypesense()]);
  });

  /** A target whose search tells its old state. */
  async function preparedShop(queue?: 'redis' | 'embedded'): Promise<Shop> {
    const environment =
      queue === 'redis' ? { REDIS_URL: (await startRedis()).url } : queue === 'embedded' ? {} : undefined;
    const shop = await searchShop(models, typesense, environment);
    expect(await command(shop, ['typesense', 'dst'])).toMatchObject({ code: 0 });
    expect(await statesOf(shop)).toEqual(old);
    return shop;
  }

  /** The undo of a job brings the old state back, and clears up as well. */
  async function expectUndo(service: TestService, shop: Shop, id: string): Promise<void> {
    const undo = await service.post(`/api/jobs/${id}/rollback`, { confirm: 'dst' });
    expect(await service.ended(undo.id)).toMatchObject({ state: 'done', error: null });
    expect(await statesOf(shop)).toEqual(old);
    expect(await remains(shop, 1)).toEqual([]);
  }

  test.concurrent.each(kills)(
    'kill -9 when $when: the job goes on to its end',
    async (kill) => {
      const shop = await preparedShop(kill.queue);
      const first = await serve({ ...shop, fault: kill.fault });
      const { id } = await first.post('/api/sync', request);
      await first.struck();
      expect(await statesOf(shop)).toEqual(kill.left);

      const second = await serve(shop);
      const ended = await second.ended(id);
      expect(ended).toMatchObject({ state: 'done', error: null, attempts: 2 });
      expect(await statesOf(shop)).toEqual(fresh);
      const kept = await besides(shop.target);
      expect(kept.map(({ name }) => name)).toEqual([
        ended.receipt?.type === 'receipt' ? ended.receipt.keptDatabase : '',
      ]);
      expect(await remains(shop, 1)).toEqual([]);
      if (kill.undo === true) await expectUndo(second, shop, id);
      expect(await second.stop()).toBe(0);
    },
    300_000,
  );
});
