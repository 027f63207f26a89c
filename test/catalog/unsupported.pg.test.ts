import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CatalogModel } from '../../src/catalog/model.ts';
import { lacks } from '../support/lacks.ts';
import { testDatabase } from '../support/postgres.ts';
import type { TestDatabase } from '../support/postgres.ts';
import { fixtureDatabase, modelOf, runPsql } from './oracle.ts';

describe.skipIf(lacks('client-tools'))('what cannot be carried', () => {
  let database: TestDatabase;
  let model: CatalogModel;

  beforeAll(async () => {
    database = await fixtureDatabase('catalog/unsupported');
    model = await modelOf(database.url);
  });

  afterAll(async () => {
    await database?.drop();
  });

  it('is named, each and every one, and nothing else is', () => {
    expect(model.unsupported.map(({ identity }) => identity)).toEqual([
      'access method my_heap',
      'aggregate public.my_sum(integer)',
      'cast from public.pair to integer',
      'collation public.mine',
      'comment on type public.t',
      'conversion public.my_conversion',
      'disabled constraint trigger on public.not_checked',
      'foreign table public.my_foreign',
      'foreign-data wrapper my_wrapper',
      'function hidden()',
      'invalid index public.never_valid',
      'language my_language',
      'large objects (2)',
      'loop of dependencies: function public.f_one(), function public.f_two()',
      'materialized view public.full_of_hollow, populated while public.hollow, which it reads, is not',
      'operator class public.lone_class for access method hash',
      'operator class public.my_class for access method btree',
      'operator family public.lone_class for access method hash',
      'operator family public.my_family for access method btree',
      'operator public.===(integer,integer)',
      'rule "_RETURN" on public.not_checked',
      'server my_server',
      'statistics object public.my_statistics',
      'table public.inheriting inheriting from another table',
      'table public.other_method using access method my_heap',
      'table public.pending_1 with a pending DETACH PARTITION',
      'table public.typed made OF a type',
      'text search configuration public.my_configuration',
      'text search dictionary public.my_dictionary',
      'text search parser public.my_parser',
      'text search template public.my_template',
      'transform for integer language plpgsql',
      'type public.base',
      'type public.money_range',
      'type public.shell',
      'user mapping for public on server my_server',
    ]);
  });

  it('is tied to its table where the table alone brings it', () => {
    const names = new Map(model.objects.map(({ id, identity }) => [id, identity]));
    const tied = model.unsupported.flatMap(({ identity, table }) =>
      table === null ? [] : [[identity, names.get(table)]],
    );
    expect(tied).toEqual([
      ['disabled constraint trigger on public.not_checked', 'table public.not_checked'],
      ['invalid index public.never_valid', 'table public.t'],
      ['rule "_RETURN" on public.not_checked', 'table public.not_checked'],
      ['statistics object public.my_statistics', 'table public.t'],
      ['table public.inheriting inheriting from another table', 'table public.inheriting'],
      ['table public.other_method using access method my_heap', 'table public.other_method'],
      ['table public.pending_1 with a pending DETACH PARTITION', 'table public.pending_1'],
      ['table public.typed made OF a type', 'table public.typed'],
    ]);
  });

  it('includes another tablespace, of a table, an index, a key or a materialized view', async () => {
    const other = await testDatabase('tablespace');
    const space = `space_of_${other.name}`;
    await runPsql(other.url, `SET allow_in_place_tablespaces = on;\nCREATE TABLESPACE ${space} LOCATION '';`);
    await other.query(`
      CREATE TABLE moved (id integer) TABLESPACE ${space};
      CREATE TABLE here (id integer, CONSTRAINT key PRIMARY KEY (id) USING INDEX TABLESPACE ${space});
      CREATE INDEX away ON here (id) TABLESPACE ${space};
      CREATE MATERIALIZED VIEW seen TABLESPACE ${space} AS SELECT 1 AS one`);
    const { unsupported } = await modelOf(other.url);
    await other.drop();
    await database.query(`DROP TABLESPACE ${space}`);
    expect(unsupported.map(({ identity }) => identity)).toEqual([
      `constraint key on public.here in tablespace ${space}`,
      `index public.away in tablespace ${space}`,
      `materialized view public.seen in tablespace ${space}`,
      `table public.moved in tablespace ${space}`,
    ]);
  });
});
