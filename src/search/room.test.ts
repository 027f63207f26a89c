import { expect, it } from 'vitest';
import { freeOf, refuseLittleRoom } from './room.ts';

const gigabyte = 1024 ** 3;

it('reads what is free, or nothing', () => {
  const metrics = {
    system_disk_total_bytes: '100',
    system_disk_used_bytes: '60',
    system_memory_total_bytes: '50',
    system_memory_used_bytes: '20',
  };
  expect(freeOf(metrics)).toEqual({ disk: 40, memory: 30 });
  expect(freeOf({ ...metrics, system_disk_used_bytes: undefined })).toBeNull();
});

it('refuses what would fill the disk, before it is full', () => {
  const ask = (disk: number, bytes: number) => (): void => {
    refuseLittleRoom('http://node', { disk, memory: 0 }, bytes);
  };
  expect(ask(4 * gigabyte, gigabyte)).not.toThrow();
  expect(ask(3 * gigabyte, gigabyte)).toThrow(/3072 MiB of disk left; this may need 3328 MiB/);
  expect(ask(0.2 * gigabyte, 0)).toThrow(/disk left/);
  expect(() => {
    refuseLittleRoom('http://node', null, 1e18);
  }).not.toThrow();
});
