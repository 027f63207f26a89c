import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CatalogModel } from '../../src/catalog/model.ts';
import { unsupportedText } from '../../src/catalog/unsupported/unsupported.ts';
import { lacks } from '../support/lacks.ts';
import type { TestDatabase } from '../support/postgres.ts';
import { fixtureDatabase, modelOf } from './oracle.ts';

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
    expect(model.unsupported.map(unsupportedText)).toEqual([
      'changes of table public.of_extension of extension citext, which no statement can set again on a member of an extension',
      'contents of materialized view public.full_of_hollow, whose query reads materialized views that are not filled: public.hollow (REFRESH MATERIALIZED VIEW fills them)',
      'default value for column id of table public.of_extension',
      'disabled state of constraint not_checked_id_fkey on public.not_checked, whose triggers are disabled (ALTER TABLE … ENABLE TRIGGER ALL enables them)',
      'function hidden()',
      'index public.never_valid, which is invalid (REINDEX INDEX makes it valid, DROP INDEX removes it)',
      'rule "_RETURN" on public.not_checked, whose name is reserved for the queries of views',
      'table public.hears_both, whose parents give column a different defaults (DROP DEFAULT on the parents makes them one)',
      'table public.pending_1, whose detachment is pending (ALTER TABLE … DETACH PARTITION … FINALIZE ends it)',
    ]);
  });

  it('is tied to its table where the table alone brings it', () => {
    const names = new Map(model.objects.map(({ id, identity }) => [id, identity]));
    const tied = model.unsupported.flatMap(({ identity, table }) =>
      table === null ? [] : [[identity, names.get(table)]],
    );
    expect(tied).toEqual([
      ['disabled state of constraint not_checked_id_fkey on public.not_checked', 'table public.not_checked'],
      ['index public.never_valid', 'table public.t'],
      ['rule "_RETURN" on public.not_checked', 'table public.not_checked'],
      ['table public.hears_both', 'table public.hears_both'],
      ['table public.pending_1', 'table public.pending_1'],
    ]);
  });
});
