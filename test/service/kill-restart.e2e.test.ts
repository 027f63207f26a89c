import { beforeAll, describe, expect, test } from 'vitest';
import { lacks } from '../support/lacks.ts';
import { startRedis } from '../support/redis.ts';
import { startTypesense } from '../support/typesense.ts';
import type { TestTypesense } from '../support/typesense-server.ts';
import { begins, serve } from './service.ts';
import type { TestService } from './service.ts';
import { remains, serviceBench, statesOf } from './service-bench.ts';
import type { ServiceBench, State } from './service-bench.ts';
import { besides } from '../harness/aftermath.ts';
import { command } from '../harness/command.ts';
import type { Fault } from '../harness/command.ts';
import { littleModels } from '../harness/models.ts';
import type { Models } from '../harness/models.ts';

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
  async function preparedBench(queue?: 'redis' | 'embedded'): Promise<ServiceBench> {
    const environment =
      queue === 'redis' ? { REDIS_URL: (await startRedis()).url } : queue === 'embedded' ? {} : undefined;
    const bench = await serviceBench(models, typesense, environment);
    expect(await command(bench, ['typesense', 'dst'])).toMatchObject({ code: 0 });
    expect(await statesOf(bench)).toEqual(old);
    return bench;
  }

  /** The undo of a job brings the old state back, and clears up as well. */
  async function expectUndo(service: TestService, bench: ServiceBench, id: string): Promise<void> {
    const undo = await service.post(`/api/jobs/${id}/rollback`, { confirm: 'dst' });
    expect(await service.ended(undo.id)).toMatchObject({ state: 'done', error: null });
    expect(await statesOf(bench)).toEqual(old);
    expect(await remains(bench, 1)).toEqual([]);
  }

  test.concurrent.each(kills)(
    'kill -9 when $when: the job goes on to its end',
    async (kill) => {
      const bench = await preparedBench(kill.queue);
      const first = await serve({ ...bench, fault: kill.fault });
      const { id } = await first.post('/api/sync', request);
      await first.struck();
      expect(await statesOf(bench)).toEqual(kill.left);

      const second = await serve(bench);
      const ended = await second.ended(id);
      expect(ended).toMatchObject({ state: 'done', error: null, attempts: 2 });
      expect(await statesOf(bench)).toEqual(fresh);
      const kept = await besides(bench.target);
      expect(kept.map(({ name }) => name)).toEqual([
        ended.receipt?.type === 'receipt' ? ended.receipt.keptDatabase : '',
      ]);
      expect(await remains(bench, 1)).toEqual([]);
      if (kill.undo === true) await expectUndo(second, bench, id);
      expect(await second.stop()).toBe(0);
    },
    300_000,
  );
});
