/**
 * Literals of every built-in type that a column can have: edges first of all. Keys are type names as `pg_type` has
 * them.
 */
export const typeLiterals: Readonly<Record<string, readonly string[]>> = {
  bool: ['t', 'f'],
  bytea: [String.raw`\x`, String.raw`\x00ff5c0a0d095c2e5c4e`, String.raw`\x4e554c4c`],
  char: ['a', '', '\\', String.raw`\200`],
  name: ['', 'Mixed "Case"', 'n'.repeat(63)],
  int8: ['9223372036854775807', '-9223372036854775808', '9007199254740993'],
  int2: ['32767', '-32768', '0'],
  int4: ['2147483647', '-2147483648', '0'],
  text: [
    '',
    'NULL',
    String.raw`\N`,
    String.raw`\.`,
    '\n\\.\n',
    '\b\t\n\v\f\r',
    '🧩',
    `"quoted", 'single', $$dollar$$`,
    ' x ',
  ],
  oid: ['0', '4294967295'],
  tid: ['(0,0)', '(4294967295,65535)'],
  xid: ['0', '4294967295'],
  cid: ['0', '4294967295'],
  xid8: ['0', '18446744073709551615'],
  json: ['{ "b":1,  "a" : 2, "a": 3 }', 'null', String.raw`"\u0041\\ \" \n"`, ' [ ] '],
  jsonb: [
    '{"b":1,"a":2,"a":3}',
    'null',
    String.raw`"A\\ \" \n"`,
    '[1.0, 1e2, 9007199254740993, -0, 0.000]',
    '{}',
  ],
  jsonpath: ['$.a[*] ? (@.b > 1)', 'strict $."x y"', '$'],
  xml: ['<a>&lt;</a>', 'text', '<?xml version="1.0"?><a/>', '<a/><b/>'],
  point: ['(1.5,-2.5)', '(NaN,Infinity)', '(-0,1e-300)'],
  lseg: ['[(0,0),(1,1)]'],
  path: ['[(0,0),(1,1)]', '((0,0),(1,1),(2,0))'],
  box: ['(1,1),(0,0)', '(Infinity,Infinity),(-Infinity,-Infinity)'],
  polygon: ['((0,0),(1,1),(2,0))'],
  line: ['{1,-1,0}'],
  circle: ['<(0,0),1>', '<(0,0),0.1>'],
  float4: ['NaN', 'Infinity', '-Infinity', '-0', '1e-45', '3.4028235e38', '1.1'],
  float8: ['NaN', 'Infinity', '-Infinity', '-0', '5e-324', '1.7976931348623157e308', '0.1'],
  money: ['92233720368547758.07', '-92233720368547758.08', '0.05'],
  macaddr: ['08:00:2b:01:02:03'],
  macaddr8: ['08:00:2b:01:02:03:04:05'],
  inet: ['::1', '10.1.2.3/8', '::ffff:1.2.3.4/128', '192.168.0.1'],
  cidr: ['10.0.0.0/8', '2001:db8::/32'],
  aclitem: ['=r/postgres', 'postgres=arwdDxt/postgres'],
  bpchar: ['x', '  two  ', ''],
  varchar: ['', 'NULL', ' trailing '],
  date: ['infinity', '-infinity', '4713-01-01 BC', '5874897-12-31', '2000-02-29'],
  time: ['00:00:00', '24:00:00', '23:59:59.999999'],
  timetz: ['00:00:00+15:59:59', '24:00:00-15:59:59', '12:00:00.000001+05:30'],
  timestamp: ['infinity', '-infinity', '4713-01-01 00:00:00 BC', '294276-12-31 23:59:59.999999'],
  timestamptz: ['infinity', '-infinity', '4714-11-24 00:00:00+00 BC', '1999-12-31 23:59:59.999999-05:30'],
  interval: ['178956970 years', '-178956970 years', '1 mon -1 day +02:03:04.000001', '0', 'P-1Y2M-3DT-4H'],
  bit: ['0', '1'],
  varbit: ['', '010101010101', '1'],
  numeric: [
    'NaN',
    'Infinity',
    '-Infinity',
    '0.0000',
    '1e400',
    '-1e-300',
    '3.14159265358979323846264338327950288419716939937510582097',
  ],
  refcursor: ['', 'cursor one'],
  regproc: ['pg_catalog.now', '-'],
  regprocedure: ['pg_catalog.abs(integer)', '0'],
  regoper: ['pg_catalog.||/', '0'],
  regoperator: ['pg_catalog.+(integer,integer)', '0'],
  regclass: ['pg_catalog.pg_class', '4294967295', '-'],
  regcollation: ['pg_catalog."C"', '-'],
  regtype: ['integer', 'character varying', '-'],
  regrole: ['postgres', '-'],
  regnamespace: ['pg_catalog', '-'],
  regconfig: ['pg_catalog.simple', 'english'],
  regdictionary: ['pg_catalog.simple'],
  uuid: ['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff'],
  pg_lsn: ['0/0', 'FFFFFFFF/FFFFFFFF'],
  tsvector: ['', `'it''s':1A,16383B '\\\\':2 b`, 'a:1 b:2C'],
  tsquery: [`'it''s' & !b:*A | (c <2> d)`, ''],
  txid_snapshot: ['10:20:10,14,15'],
  pg_snapshot: ['10:20:10,14,15'],
  int4range: ['empty', '(,)', '[1,10)', '(,5)'],
  int8range: ['empty', '[-9223372036854775808,9223372036854775807)'],
  numrange: ['(,)', '[0.000,1.50]', '[NaN,NaN]', '(-Infinity,Infinity)'],
  tsrange: ['[-infinity,infinity]', '["2024-01-01 00:00:00","2025-01-01 00:00:00")'],
  tstzrange: ['[-infinity,infinity]', '["2024-01-01 00:00:00+02","2025-01-01 00:00:00+00")'],
  daterange: ['empty', '[2024-01-01,infinity)', '(,)'],
  int4multirange: ['{}', '{[1,3),[5,7)}', '{(,)}'],
  int8multirange: ['{[1,9223372036854775807)}'],
  nummultirange: ['{[1.5,2.50],(3,)}'],
  tsmultirange: ['{["2024-01-01 00:00:00","2025-01-01 00:00:00")}'],
  tstzmultirange: ['{["2024-01-01 00:00:00+00",infinity)}', '{}'],
  datemultirange: ['{[2024-01-01,2024-02-01),[2025-01-01,)}'],
};

/** Types without an input function: no column of a user's table can hold a value of them. */
export const typesWithoutInput: readonly string[] = [
  'gtsvector',
  'pg_node_tree',
  'pg_ndistinct',
  'pg_dependencies',
  'pg_mcv_list',
  'pg_brin_bloom_summary',
  'pg_brin_minmax_multi_summary',
];

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
/** `char` alone would be SQL's character(1). */
const columnType = (type: string): string =>
  type === 'char' ? '"char"' : type === 'bpchar' ? 'char(9)' : type === 'varchar' ? 'varchar(20)' : type;

/** What servers of a major do not know, or read as something else, is left out of `everyTypeSql` for them. */
function literalsFor(major: number): Readonly<Record<string, readonly string[]>> {
  const known = Object.entries(typeLiterals).filter(([type]) => major >= 14 || !type.endsWith('multirange'));
  const octal = String.raw`\200`;
  return Object.fromEntries(
    known.map(([type, literals]) => [
      type,
      literals.filter((text) => {
        if (type === 'char') return major >= 15 || text !== octal;
        if (type === 'numeric' || type === 'numrange') return major >= 14 || !text.includes('Infinity');
        return true;
      }),
    ]),
  );
}

/**
 * A table with a column of each type and one of its arrays, and a row for each literal: its neighbours hold theirs or
 * NULL. The array of row n holds the literal, NULL and the literal again; of row 0, it is of two dimensions.
 */
export function everyTypeSql(table: string, major = 18): string {
  const known = literalsFor(major);
  const types = Object.keys(known);
  const columns = types.flatMap((type) => [
    `"${type}" ${columnType(type)}`,
    `"${type}[]" ${columnType(type)}[]`,
  ]);
  const count = Math.max(...Object.values(known).map((literals) => literals.length));
  const rows = Array.from({ length: count + 1 }, (_, row) => {
    const values = types.flatMap((type) => {
      const value = known[type]?.[row];
      if (value === undefined) return ['NULL', row % 2 === 0 ? 'NULL' : "'{}'"];
      const element = `${literal(value)}::${columnType(type)}`;
      const array = row === 0 ? `ARRAY[[${element}],[NULL]]` : `ARRAY[${element}, NULL, ${element}]`;
      return [element, `${array}::${columnType(type)}[]`];
    });
    return `(${[row, ...values].join(', ')})`;
  });
  return `CREATE TABLE ${table} (id int PRIMARY KEY, ${columns.join(', ')});\nINSERT INTO ${table} VALUES\n${rows.join(',\n')};`;
}
