import { describe, expect, it } from 'vitest';
import { testDatabase } from '../support/postgres.ts';
import { modelOf } from './oracle.ts';

const schema = `
  CREATE TABLE a (id integer, b integer);
  CREATE TABLE b (id integer, a integer);
  CREATE POLICY p ON a USING (EXISTS (SELECT FROM b WHERE b.id = a.b));
  CREATE POLICY p ON b USING (EXISTS (SELECT FROM a WHERE a.id = b.a));
  CREATE RULE r AS ON DELETE TO a DO ALSO DELETE FROM b;
  CREATE RULE r AS ON DELETE TO b DO ALSO UPDATE a SET b = NULL;
  CREATE VIEW egg AS SELECT 1 AS id;
  CREATE VIEW hen AS SELECT id FROM egg;
  CREATE OR REPLACE VIEW egg AS SELECT id FROM hen;
`;

describe('statements that run side by side', () => {
  it.each([
    ['policy p on public.a', 'policy p on public.b'],
    ['rule r on public.a', 'rule r on public.b'],
    ['definition of view public.egg', 'definition of view public.hen'],
  ])('never are %s and %s, which read each other’s relations', async (...identities) => {
    const database = await testDatabase('locks');
    await database.query(schema);
    const { objects } = await modelOf(database.url);
    const pair = objects.filter(({ identity }) => identities.includes(identity));
    const [one, other] = pair;
    expect(pair.map(({ section }) => section)).toEqual(['post-data', 'post-data']);
    const conflict = one?.locks.some((lock) =>
      other?.locks.some(({ table, mode }) => table === lock.table && [mode, lock.mode].includes('exclusive')),
    );
    expect(conflict || other?.dependsOn.includes(one?.id ?? '')).toBe(true);
    await database.drop();
  });
});
