import { readdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { queryServer } from '../support/postgres.ts';
import { contentOf } from './content.ts';
import type { Content } from './content.ts';
import type { BenchDatabase } from './environment-pair.ts';
import type { ModelBench } from './models.ts';

/** Databases that runs made beside a target. */
export async function besides(
  target: Pick<BenchDatabase, 'name'>,
): Promise<readonly { name: string; role: string | null; open: boolean }[]> {
  const rows = await queryServer(
    `SELECT datname AS name, substring(shobj_description(oid, 'pg_database') FROM '"role":"([a-z]+)"') AS role, datallowconn AS open
     FROM pg_database WHERE starts_with(datname, $1 || '__') ORDER BY 1`,
    [target.name],
  );
  return rows as { name: string; role: string | null; open: boolean }[];
}

/** Old or new, and anything else fails the test: content, and a door that is open. */
export async function oldOrNew(bench: Pick<ModelBench, 'target' | 'old' | 'new'>): Promise<'old' | 'new'> {
  const [row] = await queryServer('SELECT datallowconn AS open FROM pg_database WHERE datname = $1', [
    bench.target.name,
  ]);
  expect(row, 'the door of the target').toEqual({ open: true });
  const content = await contentAsSeen(bench.target);
  const same = (other: Content): boolean => JSON.stringify(content) === JSON.stringify(other);
  if (same(bench.old)) return 'old';
  expect(content).toEqual(bench.new);
  return 'new';
}

/** As an application sees it: refused in the moment of a switch (3D000), it tries again. */
async function contentAsSeen(target: BenchDatabase): Promise<Content> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    try {
      return await contentOf(target);
    } catch (error) {
      if ((error as { code?: string }).code !== '3D000' || Date.now() > deadline) throw error;
      await delay(50);
    }
  }
}

/** What runs left that nobody wants: databases of ours but kept ones, unfinished files, rows set aside, sessions. */
export async function leftovers({
  target,
  env,
}: Pick<ModelBench, 'target' | 'env'>): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { name, role, open } of await besides(target)) {
    if (role !== 'kept') found.push(`database ${name} (${role ?? 'no marker'})`);
    else if (open) found.push(`kept database ${name} accepts connections`);
  }
  const files = await readdir(env['DATA_DIRECTORY'] ?? '', { recursive: true });
  for (const name of files) {
    if (name.endsWith('.partial') || name.startsWith('spool/')) found.push(`file ${name}`);
    if (/^(dumps|backups)\/.*\.sql(\.gz)?$/.test(name) && !files.includes(`${name}.manifest.json`))
      found.push(`dump without a manifest ${name}`);
  }
  const staged = await target.query<{ name: string }>(
    `SELECT nspname::text AS name FROM pg_namespace WHERE starts_with(nspname, 'multiboard_sync_staged_')`,
  );
  found.push(...staged.map(({ name }) => `schema ${name}`));
  found.push(...(await lastingSessions(target)));
  return found;
}

/** Sessions that outlive their run; closing takes a moment, so it looks again for a while. */
async function lastingSessions({ name }: Pick<BenchDatabase, 'name'>): Promise<readonly string[]> {
  for (const deadline = Date.now() + 5_000; ; await delay(50)) {
    const sessions = await queryServer(
      `SELECT datname, application_name AS name FROM pg_stat_activity
       WHERE (datname = $1 OR starts_with(datname, $1 || '__')) AND starts_with(application_name, 'multiboard-sync')`,
      [name],
    );
    if (sessions.length === 0 || Date.now() > deadline)
      return sessions.map((session) => `session ${String(session['name'])} on ${String(session['datname'])}`);
  }
}
