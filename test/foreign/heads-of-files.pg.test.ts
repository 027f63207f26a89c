import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lacks } from '../support/lacks.ts';
import { testDatabase } from '../support/postgres.ts';
import type { TestDatabase } from '../support/postgres.ts';
import { dumped, restoredFrom } from './run.ts';

/** The head as each program writes it; what else they write differently the servers know. */
describe.skipIf(lacks('client-tools'))('heads of files that other programs write', () => {
  let source: TestDatabase;
  let dump: string;

  beforeAll(async () => {
    source = await testDatabase('source');
    await source.query(
      `CREATE TABLE t (a integer PRIMARY KEY, v text); INSERT INTO t VALUES (1, ';');
       SELECT lo_from_bytea(16400, 'content'); COMMENT ON LARGE OBJECT 16400 IS 'x'`,
    );
    dump = await dumped(source.url);
  });

  afterAll(() => source?.drop());

  const withoutRestrict = (text: string): string => text.replaceAll(/^\\(?:un)?restrict k\n\n?/gm, '');
  const by = (version: string) => (text: string) =>
    text
      .replaceAll(/^-- Dumped (from database|by pg_dump) version .*$/gm, `-- Dumped $1 version ${version}`)
      .replace(Number.parseInt(version) < 17 ? 'SET transaction_timeout = 0;\n' : '', '');
  /** Comments with the numbers of the catalogue, as `--verbose` and pg_restore write them. */
  const verbose = (text: string): string =>
    text.replaceAll('\n--\n-- Name: ', '\n--\n-- TOC entry 215 (class 1259 OID 16400)\n-- Name: ');

  test.each<[string, readonly ((text: string) => string)[]]>([
    ['13.4', [by('13.4'), withoutRestrict]],
    ['13.22 (Debian 13.22-0+deb11u1)', [by('13.22 (Debian 13.22-0+deb11u1)')]],
    ['14.1', [by('14.1'), withoutRestrict]],
    ['16.3', [by('16.3'), withoutRestrict]],
    ['17.2', [by('17.2'), withoutRestrict]],
    ['17.6, verbose', [by('17.6'), verbose]],
    ['with a byte order mark', [(text) => `\uFEFF${text}`]],
    ['with a blank line and a comment before', [(text) => `\n-- taken on Monday\n${text}`]],
  ])('%s', async (_name, changes) => {
    const target = await testDatabase('ours');
    await restoredFrom(
      target.url,
      changes.reduce((text, change) => change(text), dump),
    );
    expect(await dumped(target.url)).toBe(dump);
    await target.drop();
  });
});
