import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CatalogModel } from '../../src/catalog/model.ts';
import { testDatabase } from '../support/postgres.ts';
import type { TestDatabase } from '../support/postgres.ts';
import { modelOf } from './oracle.ts';

/** Left out: those that must be preloaded, and languages, which need their interpreter. */
const extensions = [
  'amcheck, autoinc, bloom, btree_gin, btree_gist, citext, cube, dblink, dict_int, dict_xsyn, earthdistance, file_fdw',
  'fuzzystrmatch, hstore, insert_username, intarray, isn, lo, ltree, moddatetime, pageinspect, pg_buffercache',
  'pg_freespacemap, pg_prewarm, pg_stat_statements, pg_surgery, pg_trgm, pg_visibility, pg_walinspect, pgcrypto',
  'pgrowlocks, pgstattuple, postgres_fdw, refint, seg, sslinfo, tablefunc, tcn, tsm_system_rows, tsm_system_time',
  'unaccent',
]
  .join(', ')
  .split(', ');

let database: TestDatabase;
let model: CatalogModel;

beforeAll(async () => {
  database = await testDatabase('extensions');
  for (const name of extensions) await database.query(`CREATE EXTENSION IF NOT EXISTS "${name}"`);
  model = await modelOf(database.url);
});

afterAll(() => database?.drop());

it('what extensions make of themselves is made by them, and by nobody else', () => {
  const others = model.objects.filter(({ id, kind }) => kind !== 'extension' && !id.startsWith('comment:'));
  expect(others.map(({ identity }) => identity)).toEqual([]);
  expect(model.extensions.map(({ name }) => name)).toEqual(extensions);
  expect(model.unsupported).toEqual([]);
});
