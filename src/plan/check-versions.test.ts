import { describe, expect, it } from 'vitest';
import type { RunnableObject } from './runnable-object.ts';
import { checkVersions } from './check-versions.ts';

function object(kind: RunnableObject['kind'], sql: string): RunnableObject {
  return {
    id: `${kind}:1`,
    kind,
    schema: 'public',
    name: 'x',
    identity: `${kind} public.x`,
    section: 'pre-data',
    sql,
    dependsOn: [],
    partOf: null,
    locks: [],
    roles: [],
    minServerMajor: 0,
    superuser: false,
    facts: {},
    tablespaces: [],
  };
}

describe('from 13 to a later server', () => {
  it.each([
    ['view', 'CREATE VIEW "public"."x" AS SELECT count(*) AS n FROM t;'],
    ['view', 'CREATE VIEW "public"."x" AS SELECT f(t.*) AS n, (t.*)::text AS r FROM t;'],
    ['view', 'CREATE VIEW "public"."x" AS SELECT a OPERATOR(app.===) b FROM t;'],
    ['exclusion constraint', 'ALTER TABLE x ADD CONSTRAINT y EXCLUDE USING gist (s WITH &&);'],
    ['exclusion constraint', 'ALTER TABLE x ADD CONSTRAINT y EXCLUDE USING gist (s WITH OPERATOR(app.&&));'],
    ['table', "CREATE TABLE x (a text CHECK ((a <> '(x !)'::text)));"],
  ])('%s: %s', (kind, sql) => {
    expect(() => checkVersions([object(kind, sql)], 130_000, 180_000)).not.toThrow();
  });

  it.each([
    ['view', 'CREATE VIEW "public"."x" AS SELECT (t.a !) AS n FROM t;'],
    ['view', 'CREATE VIEW "public"."x" AS SELECT (("weird %" #@#) + 1) AS n FROM t;'],
    ['check constraint', 'ALTER TABLE x ADD CONSTRAINT y CHECK (((5 !) > 3));'],
  ])('%s: %s is refused', (kind, sql) => {
    const objects = [object(kind, sql)];
    expect(() => checkVersions(objects, 130_000, 140_000)).toThrow('uses a postfix operator');
    expect(() => checkVersions(objects, 130_000, 130_000)).not.toThrow();
  });
});
