import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { AuditLog } from './audit-log.ts';

let directory: string;
let now = 1_790_000_000_000;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'multiboard-sync-audit-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

const logOf = (bytesMax?: number): AuditLog =>
  new AuditLog({ dataDirectory: directory, bytesMax, now: () => (now += 1) });
const entry = (action: string) =>
  ({ actor: 'a', action, about: {}, reason: null, outcome: 'done', address: null }) as const;
const actions = async (limit = 100, before?: number): Promise<readonly string[]> =>
  (await logOf().read({ limit, before })).map(({ action }) => action);

it('is read newest first, page by page, without a line that was cut off', async () => {
  expect(await actions()).toEqual([]);
  for (const action of ['1', '2', '3']) await logOf().append(entry(action));
  appendFileSync(join(directory, 'audit.log'), '{"at":1,"act');
  expect(await actions()).toEqual(['3', '2', '1']);
  await logOf().append(entry('4'));
  expect(await actions()).toEqual(['4', '3', '2', '1']);
  const [last] = (await logOf().read({ limit: 2 })).slice(-1);
  expect(await actions(2, last?.at)).toEqual(['2', '1']);
  expect(statSync(join(directory, 'audit.log')).mode & 0o777).toBe(0o600);
});

it('keeps every line of many that write at once, over files that get other names', async () => {
  const asked = Array.from({ length: 60 }, (_, n) => String(n));
  await Promise.all(asked.map((action) => logOf(1_000).append(entry(action))));
  expect([...(await actions())].sort()).toEqual([...asked].sort());
  for (let n = 0; n < 200; n += 1) await logOf(1_000).append(entry(`later ${n}`));
  expect((await actions(1))[0]).toBe('later 199');
  expect(readdirSync(directory).length).toBeLessThanOrEqual(11);
});

it('pushes out nothing that was done by however much was refused, and shows both in their order', async () => {
  await logOf(1_000).append(entry('done'));
  for (let n = 0; n < 200; n += 1)
    await logOf(1_000).append({ ...entry(`refused ${n}`), outcome: 'AUTH_FORBIDDEN' });
  await logOf(1_000).append(entry('done later'));
  const all = await actions();
  expect([all[0], all[1], all.at(-1)]).toEqual(['done later', 'refused 199', 'done']);
  expect(await actions(2)).toEqual(['done later', 'refused 199']);
  expect(readdirSync(directory).length).toBeLessThanOrEqual(12);
});
