import { describe, expect, test } from 'vitest';
import type { Environment } from '../../../src/environments/environment.ts';
import { parseDatabaseUrl } from '../../../src/environments/database-url.ts';
import { connectAs } from '../../../src/sync/ends/connect.ts';
import { restrictEnds, restrictSource } from '../../../src/sync/ends/restriction.ts';
import { createBench, failsAndChangesNothing } from '../../harness/environment-pair.ts';
import { failure } from '../../harness/failure.ts';
import { planSync } from '../../../src/sync/verbs/plan.ts';
import { testDatabase, testRole } from '../../support/postgres.ts';

const asker = { id: 'limits', signal: new AbortController().signal, connect: connectAs('limits') };

function environment(name: string, url: string, more: Partial<Environment> = {}): Environment {
  return {
    name,
    database: parseDatabaseUrl(name, url, { connectTimeoutSeconds: 10 }),
    schema: 'public',
    search: null,
    protection: 'open',
    ...more,
  };
}

/** A database of an ordinary role, with schemas of its own and of somebody else. */
async function project(schemas: { readonly own?: readonly string[]; readonly others?: readonly string[] }) {
  const [role, other] = [await testRole(), await testRole()];
  const database = await testDatabase('limits');
  await database.query(
    [
      `ALTER DATABASE "${database.name}" OWNER TO "${role.name}"`,
      ...(schemas.own ?? []).map((name) => `CREATE SCHEMA ${name} AUTHORIZATION "${role.name}"`),
      ...(schemas.others ?? []).map((name) => `CREATE SCHEMA ${name} AUTHORIZATION "${other.name}"`),
    ].join(';'),
  );
  const as = ({ name, password }: { readonly name: string; readonly password: string }): string => {
    const url = new URL(database.url);
    [url.username, url.password] = [name, password];
    return url.href;
  };
  return { database, role, other, url: as(role), urlOf: as };
}

const asked = undefined;

describe('where nobody says which schemas a run is about', () => {
  test('the whole database, if all of its schemas belong to the role', async () => {
    const { url } = await project({ own: ['app', 'more'] });
    const { source, target, notes } = await restrictEnds(asker, {
      source: environment('a', url),
      target: environment('b', url),
      asked,
    });
    expect([source.schemas, target.schemas, notes]).toEqual([null, null, []]);
  });

  test('the application’s schema alone on both ends, if one end has a schema of somebody else', async () => {
    const mine = await project({ own: ['multiboard'] });
    const managed = await project({ others: ['auth', 'vault'] });
    const { source, target, notes } = await restrictEnds(asker, {
      source: environment('local', mine.url, { schema: 'multiboard' }),
      target: environment('production', managed.url),
      asked,
    });
    expect([source.schemas, target.schemas]).toEqual([['multiboard'], ['public']]);
    expect(notes).toEqual([
      `"production": only schema public takes part; 2 other schemas stay as they are (owned by ${managed.other.name}).`,
    ]);
  });

  test('the whole database for a superuser, for a member of the other roles, and for a mere reader of one owner’s', async () => {
    const { database, role, other, url, urlOf } = await project({ own: ['app'], others: ['auth'] });
    const reader = await testRole();
    const limited = async (address: string, schema = 'public'): Promise<unknown> =>
      (await restrictSource(asker, environment('a', address, { schema }), asked)).source.schemas;
    expect(await limited(url)).toEqual(['public']);
    expect(await limited(database.url)).toBeNull();
    await database.query(`GRANT "${other.name}" TO "${role.name}"`);
    expect(await limited(url)).toBeNull();
    // The owner of the application's schema may do what the reader may not.
    expect(await limited(urlOf(reader), 'app')).toBeNull();
  });

  test('a schema that an extension brings, or that holds nothing but an extension, belongs to nobody else', async () => {
    const { database, url } = await project({});
    await database.query(
      'CREATE SCHEMA extensions; CREATE EXTENSION seg SCHEMA extensions; CREATE SCHEMA brought; ALTER EXTENSION seg ADD SCHEMA brought',
    );
    expect((await restrictSource(asker, environment('a', url), asked)).source.schemas).toBeNull();
    await database.query('CREATE TABLE extensions.t (id int)');
    expect((await restrictSource(asker, environment('a', url), asked)).source.schemas).toEqual(['public']);
  });
});

describe('where somebody says it', () => {
  const nowhere = 'postgresql://nobody@127.0.0.1:1/none';
  const ends = (source: Partial<Environment>, target: Partial<Environment>) => ({
    source: environment('a', nowhere, { schema: 'multiboard', ...source }),
    target: environment('b', nowhere, target),
  });

  test('of one end, the other follows under its own name; no server is asked', async () => {
    const of = async (source: Partial<Environment>, target: Partial<Environment>): Promise<unknown> => {
      const both = await restrictEnds(asker, { ...ends(source, target), asked });
      return [both.source.schemas, both.target.schemas];
    };
    expect(await of({ schemas: ['multiboard', 'shop'] }, {})).toEqual([
      ['multiboard', 'shop'],
      ['public', 'shop'],
    ]);
    expect(await of({}, { schemas: ['public'] })).toEqual([['multiboard'], ['public']]);
    for (const [source, target] of [
      [null, null],
      [null, undefined],
      [undefined, null],
    ] as const)
      expect(await of({ schemas: source }, { schemas: target })).toEqual([null, null]);
  });

  test('for one run, that counts more than the configuration', async () => {
    const both = await restrictEnds(asker, {
      ...ends({ schemas: ['multiboard'] }, { schemas: ['public'] }),
      asked: ['multiboard', 'shop'],
    });
    expect([both.source.schemas, both.target.schemas]).toEqual([
      ['multiboard', 'shop'],
      ['public', 'shop'],
    ]);
    const whole = await restrictEnds(asker, { ...ends({ schemas: ['multiboard'] }, {}), asked: ['*'] });
    expect([whole.source.schemas, whole.target.schemas]).toEqual([null, null]);
  });

  test('of both ends, they must say the same; the application’s own schema is always among them', async () => {
    const differ = await failure(
      restrictEnds(asker, { ...ends({ schemas: ['multiboard', 'shop'] }, { schemas: ['public'] }), asked }),
    );
    expect(differ.code).toBe('CONFLICT_SCHEMA_NAMES');
    const whole = await failure(
      restrictEnds(asker, { ...ends({ schemas: null }, { schemas: ['public'] }), asked }),
    );
    expect(whole.message).toContain('"a" are about the whole database');
    const lacking = await failure(restrictEnds(asker, { ...ends({}, {}), asked: ['shop'] }));
    expect(lacking.code).toBe('USAGE_INVALID');
  });
});

test('a schema that the source does not have is a slip, told before anything is read or dropped', async () => {
  const bench = await createBench({
    change: (config) => ({
      ...config,
      environments: new Map(
        [...config.environments].map(([name, one]) => [name, { ...one, schemas: ['public', 'biling'] }]),
      ),
    }),
  });
  await bench.source.query('CREATE TABLE public.t (id int); CREATE SCHEMA billing');
  await bench.target.query(
    'CREATE TABLE public.t (id int); CREATE SCHEMA biling; CREATE TABLE biling.paid (id int)',
  );
  const planned = await planSync(
    { config: bench.config, now: Date.now },
    { source: 'src', target: 'dst' },
    { signal: new AbortController().signal },
  );
  expect(planned.blockers.map(({ code }) => code)).toEqual(['CONFLICT_SCHEMA_NAMES']);
  const error = await failsAndChangesNothing(bench.target, () => bench.sync('in-place'));
  expect(error.message).toBe(planned.blockers[0]?.message);
  expect(error.message).toContain('"src" has no schema biling');
  expect((await failure(bench.export())).code).toBe('CONFLICT_SCHEMA_NAMES');
  // One end has it: that is a difference.
  expect((await bench.verify()).equal).toBe(false);
  await bench.target.query('DROP SCHEMA biling CASCADE');
  expect((await failure(bench.verify())).code).toBe('CONFLICT_SCHEMA_NAMES');
});
