import { expect, test } from 'vitest';
import { restoreAliases } from '../../src/search/restore-aliases.ts';
import { switchAliases } from '../../src/search/switch-aliases.ts';
import { sharedTypesense } from '../support/typesense.ts';
import { failure } from '../harness/failure.ts';
import { build, freshAlias, itemCollection, never, recordingReporter, searchFixture } from './fixture.ts';

test('a first build makes alias, collection and receipt, and reports its work', async () => {
  const fixture = await searchFixture(sharedTypesense(), 12_000);
  const alias = freshAlias('items');
  const report = recordingReporter();
  const built = await build(fixture, [itemCollection(alias)], { report });
  expect(await fixture.wire.aliasTarget(alias)).toBeNull();
  const [receipt] = await switchAliases(fixture.deps, built, never());
  expect(receipt).toMatchObject({ alias, previous: null, documents: 12_000, verified: true });
  expect(receipt?.collection).toMatch(new RegExp(`^${alias}__\\d{14}_run1$`));
  expect(await fixture.wire.aliasTarget(alias)).toBe(receipt?.collection);
  expect(report.items.get(alias)).toMatchObject({ rows: 12_000, done: true });
  expect(report.estimatedBytes).toBe(report.items.get(alias)?.bytes);
  expect((await fixture.wire.documents(alias)).size).toBe(12_000);
});

test('a second build replaces the first, which stays for undo; undo goes back', async () => {
  const fixture = await searchFixture(sharedTypesense());
  const alias = freshAlias('items');
  const [first] = await switchAliases(fixture.deps, await build(fixture, [itemCollection(alias)]), never());
  await fixture.database.query(
    `DELETE FROM "Item" WHERE id > 6; UPDATE "Item" SET name = 'new' WHERE id = 2`,
  );
  const built = await build(fixture, [itemCollection(alias)], { runId: 'run2' });
  expect((await fixture.wire.documents(alias)).size).toBe(10);
  const [second] = await switchAliases(fixture.deps, built, never());
  expect(second).toMatchObject({ previous: first?.collection, documents: 6 });
  const documents = await fixture.wire.documents(alias);
  expect([...documents.keys()].sort()).toEqual(['1', '2', '3', '4', '5', '6']);
  expect(documents.get('2')).toMatchObject({ name: 'new' });

  await restoreAliases(fixture.deps, [{ alias, collection: first?.collection ?? '' }], never());
  expect(await fixture.wire.aliasTarget(alias)).toBe(first?.collection);
  expect((await fixture.wire.documents(alias)).size).toBe(10);
});

test('undo refuses to point at a collection that is gone', async () => {
  const fixture = await searchFixture(sharedTypesense());
  const alias = freshAlias('items');
  const [receipt] = await switchAliases(fixture.deps, await build(fixture, [itemCollection(alias)]), never());
  const goals = [
    { alias, collection: null },
    { alias: freshAlias('other'), collection: `${alias}__20200101000000_gone` },
  ];
  expect(await failure(restoreAliases(fixture.deps, goals, never()))).toMatchObject({
    code: 'SEARCH_ALIAS_REFUSED',
  });
  expect(await fixture.wire.aliasTarget(alias)).toBe(receipt?.collection);
  await restoreAliases(fixture.deps, goals.slice(0, 1), never());
  expect(await fixture.wire.aliasTarget(alias)).toBeNull();
});

test('awkward values arrive as they are, and null keys are not sent', async () => {
  const fixture = await searchFixture(sharedTypesense());
  const awkward = [
    'NULL',
    '',
    'line\nbreak\r\n',
    'tab\t"quotes" \'single\'',
    String.raw`back\slash \N \\. \u0041`,
    String.raw`\.`,
    'emoji 😀 e\u0301',
    '\u2028\u2029\u007f\u0001',
    '{"json": [1, null]}',
  ];
  await fixture.database.query(`CREATE TABLE odd (id text PRIMARY KEY, name text, extra jsonb)`);
  await fixture.database.query(
    `INSERT INTO odd SELECT 'id ' || value, value, '{"keep": {"gone": null, "list": [1, null]}, "gone": null}' FROM unnest($1::text[]) AS value`,
    [awkward],
  );
  await fixture.database.query(`INSERT INTO odd VALUES ('a/b?c#d%e,[x]\`', NULL, NULL)`);
  const alias = freshAlias('odd');
  const config = itemCollection(alias, {
    query: `SELECT jsonb_build_object('id', id, 'name', name, 'extra', extra) AS document FROM {schema}.odd;`,
    fields: [{ name: 'name', type: 'string', optional: true }],
  });
  await switchAliases(fixture.deps, await build(fixture, [config]), never());
  const documents = await fixture.wire.documents(alias);
  expect(documents.size).toBe(awkward.length + 1);
  for (const value of awkward) {
    expect(documents.get(`id ${value}`)).toMatchObject({
      name: value,
      extra: { keep: { list: [1, null] } },
    });
    expect(JSON.stringify(documents.get(`id ${value}`))).not.toContain('gone');
  }
  expect(Object.keys(documents.get('a/b?c#d%e,[x]`') ?? {}).sort()).toEqual(['_h', 'id']);
});

test('numbers keep every digit', async () => {
  const fixture = await searchFixture(sharedTypesense());
  const alias = freshAlias('items');
  await switchAliases(fixture.deps, await build(fixture, [itemCollection(alias)]), never());
  const { text } = await fixture.wire.send('GET', `/collections/${alias}/documents/2`);
  // As text: JSON.parse would round the number.
  expect(text).toContain('"big":9007199254740995,');
});

test('one document larger than a body, and many small ones, all arrive', async () => {
  const fixture = await searchFixture(sharedTypesense(), 20);
  await fixture.database.query(`UPDATE "Item" SET name = repeat('long text ', 550000) WHERE id = 10`);
  const alias = freshAlias('items');
  const report = recordingReporter();
  const [built] = await build(fixture, [itemCollection(alias)], { report });
  expect(built?.documents).toBe(20);
  expect(built?.bytes).toBeGreaterThan(5_500_000);
  expect(report.items.get(alias)?.bytes).toBe(built?.bytes);
});

test('all collections show one moment, although rows change between them', async () => {
  const fixture = await searchFixture(sharedTypesense());
  const [one, two] = [freshAlias('one'), freshAlias('two')];
  const report = recordingReporter();
  let changed: Promise<unknown> = Promise.resolve();
  report.onAdvance = (name) => {
    if (name === one) changed = fixture.database.query('DELETE FROM "Item"');
  };
  const built = await build(fixture, [itemCollection(one), itemCollection(two)], { report });
  await changed;
  expect(built.map(({ documents }) => documents)).toEqual([10, 10]);
});
