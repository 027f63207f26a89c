import { describe, expect, it } from 'vitest';
import { checkFeatures } from './check-features.ts';
import type { RunnableObject } from './runnable-object.ts';
import type { TargetRights } from './target-rights.ts';

const rights: TargetRights = {
  role: 'me',
  superuser: true,
  versionNum: 180_000,
  createsSchemas: true,
  privileged: false,
  bypassesRowSecurity: true,
  roles: [],
  slots: [],
  tablespaces: [],
  features: ['pglz'],
  available: [],
  installed: [],
  ownsNewPublic: true,
  foreignLargeObjects: 0,
  publicSchema: null,
};

function object(kind: RunnableObject['kind'], sql: string): RunnableObject {
  return {
    id: `${kind}:1`,
    kind,
    schema: 'public',
    name: 'x',
    identity: `${kind} public.x`,
    section: 'pre-data',
    sql,
    facts: {},
    dependsOn: [],
    partOf: null,
    locks: [],
    roles: [],
    minServerMajor: 0,
    superuser: false,
    tablespaces: [],
  };
}

describe('a server that was built without', () => {
  it.each([
    ['table', 'ALTER TABLE ONLY "public"."x" ALTER COLUMN "a" SET COMPRESSION lz4;', 'lz4'],
    ['materialized view', 'ALTER MATERIALIZED VIEW "x" ALTER COLUMN "a" SET COMPRESSION lz4;', 'lz4'],
    ['collation', `CREATE COLLATION "public"."x" (PROVIDER = icu, LOCALE = 'de');`, 'icu'],
    ['view', `CREATE VIEW "public"."x" AS SELECT '<a/>'::xml AS b;`, 'xml'],
  ] as const)('%s: %s needs %3$s', (kind, sql, need) => {
    expect(() => checkFeatures([object(kind, sql)], rights)).toThrow(`${kind} public.x needs ${need}.`);
    expect(() => checkFeatures([object(kind, sql)], { ...rights, features: ['pglz', need] })).not.toThrow();
  });

  it.each([
    ['table', 'ALTER TABLE ONLY "public"."x" ALTER COLUMN "a" SET COMPRESSION pglz;'],
    ['table', `CREATE TABLE "x" ("COMPRESSION" text DEFAULT ' COMPRESSION lz4');`],
    ['collation', `CREATE COLLATION "public"."x" (PROVIDER = libc, LOCALE = 'icu');`],
    ['view', `CREATE VIEW "public"."x" AS SELECT t.a::xml, ' ''::xml '::text FROM t;`],
    ['function', `CREATE FUNCTION x() RETURNS xml LANGUAGE sql AS $$ SELECT '<a/>'::xml $$;`],
  ] as const)('%s: %s is no matter', (kind, sql) => {
    expect(() => checkFeatures([object(kind, sql)], rights)).not.toThrow();
  });
});
