import type { Column, SchemaWriter } from './schema-writer.ts';
import { makers as tableMakers } from './table-steps.ts';
import { names } from './words.ts';

type Maker = (write: SchemaWriter) => void;

const schema: Maker = (w) => {
  const name = w.freshName();
  w.add('SCHEMA', name, `CREATE SCHEMA ${name}`);
  w.schemas.push(name);
};

const type: Maker = (w) => {
  const name = w.freshQualified();
  const base = w.type();
  const sql = w.oneOf(
    `CREATE TYPE ${name} AS ENUM (${names
      .slice(0, 1 + w.number(5))
      .map((_, n) => `'l${n}' `.trim())
      .join(', ')})`,
    `CREATE TYPE ${name} AS (${w.freshName()} ${base}, ${w.freshName()} ${w.type()})`,
    `CREATE TYPE ${name} AS RANGE (subtype = ${w.oneOf('integer', 'text', 'numeric', 'timestamp')})`,
  );
  w.add('TYPE', name, sql);
  w.types.push(name);
};

const domain: Maker = (w) => {
  const name = w.freshQualified();
  const base = w.oneOf('integer', 'text', 'varchar(20)', 'numeric(8,2)');
  const value = base === 'integer' || base.startsWith('numeric') ? '7' : w.text();
  const parts = [
    w.maybe() ? ` DEFAULT ${value}` : '',
    w.maybe(3) ? ' NOT NULL' : '',
    w.maybe() ? ` CONSTRAINT ${w.freshName()} CHECK (VALUE IS DISTINCT FROM ${value})` : '',
    w.maybe(3) ? ` CHECK (VALUE IN (${value}, ${value}))` : '',
  ];
  w.add('DOMAIN', name, `CREATE DOMAIN ${name} AS ${base}${parts.join('')}`);
  w.types.push(name);
};

const sequence: Maker = (w) => {
  const name = w.freshQualified();
  const options = [
    w.maybe() ? ` AS ${w.oneOf('smallint', 'integer', 'bigint')}` : '',
    w.maybe() ? ` INCREMENT ${w.oneOf('-3', '2', '5')}` : '',
    w.maybe(3) ? ' CACHE 7' : '',
    w.maybe(3) ? ' CYCLE' : '',
  ];
  w.add('SEQUENCE', name, `CREATE SEQUENCE ${name}${options.join('')}`);
  if (w.maybe()) w.write(`SELECT nextval(${regclass(name)})`);
};

/** Functions over types, rows of tables and sets of them; bodies as text and as parsed statements. */
const routine: Maker = (w) => {
  const name = w.freshQualified();
  const relation = w.relation('TABLE', 'VIEW');
  const argument = w.type();
  const row = relation?.name ?? 'integer';
  const from = relation === undefined ? '' : ` FROM ${relation.name}`;
  const body = `$body$ ${w.oneOf('-- "%I', '/* $1 */', '\\.', "'x'")}\nSELECT 1 $body$`;
  const volatility = w.oneOf(
    'IMMUTABLE',
    'STABLE',
    'VOLATILE',
    'STRICT',
    'PARALLEL SAFE COST 3',
    'LEAKPROOF',
  );
  const signature = `(${w.freshName()} ${argument}${w.maybe(3) ? ' DEFAULT NULL' : ''})`;
  const sql = w.oneOf(
    `CREATE FUNCTION ${name}${signature} RETURNS integer LANGUAGE sql ${volatility} AS ${body}`,
    `CREATE FUNCTION ${name}${signature} RETURNS SETOF ${row} LANGUAGE plpgsql ${volatility} ROWS 5 AS $$BEGIN RETURN; END$$`,
    `CREATE FUNCTION ${name}(${row}) RETURNS text LANGUAGE sql ${volatility} SET search_path TO 'a b', pg_temp AS $$ SELECT 'x'::text $$`,
    `CREATE FUNCTION ${name}() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*)${from}; END`,
    `CREATE FUNCTION ${name}(OUT a integer, INOUT b ${argument}) LANGUAGE plpgsql SECURITY DEFINER AS $$BEGIN END$$`,
    `CREATE PROCEDURE ${name}(${argument}) LANGUAGE plpgsql AS $$BEGIN END$$`,
    `CREATE AGGREGATE ${name} (integer) (sfunc = pg_catalog.int4pl, stype = integer, initcond = '0')`,
    `CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$`,
  );
  const kind = sql.startsWith('CREATE PROCEDURE')
    ? 'PROCEDURE'
    : sql.includes('AGGREGATE')
      ? 'AGGREGATE'
      : 'FUNCTION';
  if (kind === 'AGGREGATE') w.add(kind, `${name} (integer)`, sql);
  else w.add(kind, name, sql);
  w.functions.push({ name, trigger: sql.includes('RETURNS trigger') });
};

/** Views over anything, also grouped by a key, with a set operation, or of what a function gives. */
const view: Maker = (w) => {
  const relation = w.relation('TABLE', 'VIEW', 'MATERIALIZED VIEW');
  if (relation === undefined || relation.columns.length === 0) return;
  const materialized = w.maybe(4);
  const kind = materialized ? 'MATERIALIZED VIEW' : 'VIEW';
  const name = w.freshQualified();
  const columns: Column[] = [];
  const chosen = relation.columns
    .filter((_, n) => n === 0 || w.maybe())
    .map((column) => {
      columns.push({ name: w.freshName(), type: column.type });
      return `${column.name} AS ${columns.at(-1)?.name}`;
    });
  const grouped = relation.hasKey === true && w.maybe();
  const options = materialized ? '' : w.oneOf('', '', ' WITH (security_barrier)');
  const query =
    `SELECT ${chosen.join(', ')} FROM ${relation.name}` +
    (grouped
      ? ` GROUP BY ${relation.columns[0]?.name}`
      : w.oneOf('', '', ` WHERE ${relation.columns[0]?.name} IS NOT NULL`)) +
    (materialized ? w.oneOf('', ' WITH NO DATA') : '');
  w.add(kind, name, `CREATE ${kind} ${name}${options} AS ${query}`);
  w.relations.push({ kind, name, columns });
};

const trigger: Maker = (w) => {
  const relation = w.relation('TABLE');
  const f = w.one(w.functions.filter((candidate) => candidate.trigger));
  if (relation === undefined || f === undefined) return;
  const name = w.freshName();
  const column = relation.columns[0]?.name;
  const event = w.oneOf(
    'INSERT',
    'INSERT OR DELETE',
    column === undefined ? 'UPDATE' : `UPDATE OF ${column}`,
    'TRUNCATE',
  );
  const level = event === 'TRUNCATE' ? 'STATEMENT' : w.oneOf('ROW', 'STATEMENT');
  w.write(
    `CREATE TRIGGER ${name} ${w.oneOf('BEFORE', 'AFTER')} ${event} ON ${relation.name} FOR EACH ${level} EXECUTE FUNCTION ${f.name}(${w.text()}, ${w.text()})`,
  );
  if (w.maybe(3))
    w.write(
      `ALTER TABLE ${relation.name} ${w.oneOf('DISABLE', 'ENABLE REPLICA', 'ENABLE ALWAYS')} TRIGGER ${name}`,
    );
};

const rule: Maker = (w) => {
  const relation = w.relation('VIEW', 'TABLE');
  if (relation === undefined) return;
  w.write(
    `CREATE RULE ${w.freshName()} AS ON ${w.oneOf('INSERT', 'UPDATE', 'DELETE')} TO ${relation.name} DO ${w.oneOf('INSTEAD NOTHING', 'ALSO NOTIFY x', 'ALSO (SELECT 1; SELECT 2)')}`,
  );
};

const policy: Maker = (w) => {
  const relation = w.relation('TABLE');
  if (relation === undefined) return;
  w.write(
    `CREATE POLICY ${w.freshName()} ON ${relation.name} ${w.oneOf('', 'AS RESTRICTIVE FOR SELECT', 'FOR UPDATE')} TO ${w.oneOf('PUBLIC', ':"reader"')} USING (${w.oneOf('true', `current_user <> ${w.text()}`)})`,
  );
  if (w.maybe()) w.write(`ALTER TABLE ${relation.name} ENABLE ROW LEVEL SECURITY`);
};

const comment: Maker = (w) => {
  const subject = w.one(w.named);
  if (subject !== undefined) w.write(`COMMENT ON ${subject.kind} ${subject.name} IS ${w.text()}`);
  const relation = w.relation('TABLE', 'VIEW');
  if (relation?.columns[0] !== undefined)
    w.write(`COMMENT ON COLUMN ${relation.name}.${w.column(relation).name} IS ${w.text()}`);
};

const grant: Maker = (w) => {
  const subject = w.one(w.named);
  if (subject === undefined) return;
  const [kind, privilege] = grantable[subject.kind] ?? [];
  const role = w.oneOf(':"reader"', ':"writer"', 'PUBLIC');
  if (kind !== undefined) {
    const name = subject.kind === 'AGGREGATE' ? subject.name.replace(' (', '(') : subject.name;
    w.write(
      `GRANT ${w.oneOf('ALL', privilege ?? 'ALL')} ON ${kind} ${name} TO ${role}${role !== 'PUBLIC' && w.maybe(3) ? ' WITH GRANT OPTION' : ''}`,
    );
    if (w.maybe(3)) w.write(`REVOKE ALL ON ${kind} ${name} FROM ${w.oneOf('PUBLIC', 'CURRENT_USER')}`);
  }
  const relation = w.relation('TABLE', 'VIEW');
  if (relation?.columns[0] !== undefined && w.maybe())
    w.write(
      `GRANT SELECT (${w.column(relation).name}), UPDATE (${w.column(relation).name}) ON ${relation.name} TO ${role}`,
    );
};

const grantable: Readonly<Record<string, readonly [string, string]>> = {
  TABLE: ['TABLE', 'SELECT, TRUNCATE'],
  VIEW: ['TABLE', 'SELECT'],
  'MATERIALIZED VIEW': ['TABLE', 'SELECT'],
  SEQUENCE: ['SEQUENCE', 'USAGE'],
  SCHEMA: ['SCHEMA', 'USAGE'],
  FUNCTION: ['FUNCTION', 'EXECUTE'],
  AGGREGATE: ['FUNCTION', 'EXECUTE'],
  PROCEDURE: ['PROCEDURE', 'EXECUTE'],
  TYPE: ['TYPE', 'USAGE'],
  DOMAIN: ['DOMAIN', 'USAGE'],
};

const owner: Maker = (w) => {
  const subject = w.one(w.named);
  if (subject !== undefined)
    w.write(`ALTER ${subject.kind} ${subject.name} OWNER TO ${w.oneOf(':"owner"', ':"writer"')}`);
};

const defaultPrivileges: Maker = (w) => {
  const on = w.oneOf('TABLES', 'SEQUENCES', 'FUNCTIONS', 'TYPES');
  const place = w.maybe() ? ` IN SCHEMA ${w.one(w.schemas)}` : '';
  w.write(`ALTER DEFAULT PRIVILEGES FOR ROLE :"owner"${place} GRANT ALL ON ${on} TO :"reader"`);
};

const publication: Maker = (w) => {
  const relation = w.relation('TABLE');
  const name = w.freshName();
  w.add(
    'PUBLICATION',
    name,
    `CREATE PUBLICATION ${name}${relation === undefined ? '' : ` FOR TABLE ${relation.name}`}`,
  );
};

/** A loop: the function takes the view's rows, the view calls the function. */
const loop: Maker = (w) => {
  const relation = w.relation('TABLE');
  const column = relation?.columns[0];
  if (relation === undefined || column === undefined) return;
  const [name, f] = [w.freshQualified(), w.freshQualified()];
  w.write(`CREATE VIEW ${name} AS SELECT ${column.name} AS x FROM ${relation.name}`);
  w.write(`CREATE FUNCTION ${f}(${name}) RETURNS integer LANGUAGE sql AS 'SELECT 1'`);
  w.write(
    `CREATE OR REPLACE VIEW ${name} AS SELECT ${column.name} AS x, ${f}(NULL::${name}) AS y FROM ${relation.name}`,
  );
};

const cast: Maker = (w) => {
  const [from, to] = [w.one(w.types.slice(12)), w.one(w.types.slice(12))];
  if (from === undefined || to === undefined || from === to) return;
  w.write(`CREATE CAST (${from} AS ${to}) WITH INOUT ${w.oneOf('', 'AS ASSIGNMENT', 'AS IMPLICIT')}`);
};

function regclass(name: string): string {
  return `'${name.replaceAll("'", "''")}'::regclass`;
}

/** What a step can make; tables are made more often than anything that stands on them. */
export const makers: readonly Maker[] = [
  ...tableMakers,
  ...tableMakers.slice(0, 2),
  schema,
  type,
  domain,
  sequence,
  routine,
  routine,
  view,
  view,
  view,
  trigger,
  rule,
  policy,
  comment,
  comment,
  grant,
  grant,
  owner,
  owner,
  defaultPrivileges,
  publication,
  loop,
  cast,
];
