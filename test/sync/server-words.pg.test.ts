import { describe, expect, it } from 'vitest';
import type { ObjectKind, Section } from '../../src/catalog/model.ts';
import { runObject } from '../../src/sync/load/run-objects.ts';
import { withSession } from '../catalog/oracle.ts';
import { testDatabase } from '../support/postgres.ts';
import { runnable } from './runnable.ts';

async function messageOf(kind: ObjectKind, section: Section, sql: string): Promise<string> {
  const database = await testDatabase('words');
  await database.query('CREATE EXTENSION postgres_fdw; CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw');
  const error = await withSession(database.url, 'target', async (session) =>
    runObject(session, runnable({ kind, section, sql }), {}).catch((thrown: unknown) => thrown),
  );
  await database.drop();
  return error instanceof Error ? error.message : 'nothing was thrown';
}

describe('what the server says about a statement it refuses', () => {
  it('is passed on where no row can be in it', async () => {
    expect(
      await messageOf('collation', 'pre-data', `CREATE COLLATION public.c (LOCALE = 'xx_NONE.UTF-8')`),
    ).toContain(
      'Creating collation x: could not create locale "xx_NONE.UTF-8": No such file or directory (SQLSTATE 22023).',
    );
    expect(
      await messageOf(
        'text search dictionary',
        'pre-data',
        'CREATE TEXT SEARCH DICTIONARY public.d (TEMPLATE = ispell)',
      ),
    ).toContain('missing AffFile parameter');
  });

  it('is not where a row may be', async () => {
    const sql = `DO $$BEGIN PERFORM 'planted value'::integer; END$$`;
    expect(await messageOf('index', 'post-data', sql)).toBe(
      'Creating index x: a value is not valid for its type (SQLSTATE 22P02).',
    );
  });

  it('is not where a password may be', async () => {
    const sql = `CREATE USER MAPPING FOR PUBLIC SERVER s OPTIONS (password_required 'planted secret')`;
    const message = await messageOf('user mapping', 'pre-data', sql);
    expect(message).toMatch(/^Creating user mapping x: .* \(SQLSTATE \w{5}\)\.$/);
    expect(message).not.toContain('planted');
  });
});
