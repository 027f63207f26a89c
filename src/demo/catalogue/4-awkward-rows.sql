-- Purpose: values that broke earlier attempts, in a table of every type and in the catalogue itself.
-- Settings: search_path; standard_conforming_strings on. Servers: 13 and later, encoding UTF8.
INSERT INTO "AwkwardValue" ("id", "why", "text", "varchar", "char") VALUES
  (1, 'the text NULL', 'NULL', 'NULL', 'NULL'),
  (2, 'empty strings', '', '', ''),
  (3, 'SQL nulls', NULL, NULL, NULL),
  (4, 'backslashes and COPY''s own marks', E'\\N', E'\\.', E'\\'),
  (5, 'the end-of-data mark on a line of its own', E'before\n\\.\nafter', E'\n\\.\n', E'\t'),
  (6, 'control characters', E'\b\f\n\r\t' || chr(11) || chr(1) || chr(27) || chr(127), E'\r\n', E'\r'),
  (7, 'quotes', E'it''s "quoted" `back` $$dollar$$ $tag$', '''''', '""'),
  (8, 'emoji and joined emoji', '🧩👩‍👩‍👧‍👦🏴‍☠️', 'é é', '日本'),
  (9, 'right to left, zero width, not a character', 'مرحبا' || chr(8203) || chr(65279) || chr(65533), chr(1114111), 'ﬁ'),
  (10, 'spaces at both ends', '  two  ', '  two  ', '  x   '),
  (11, 'commas, semicolons, comment marks', 'a,b;c -- not a comment /* nor this */', '--', '/*'),
  (12, 'a statement as text', 'DROP TABLE "Part"; COPY "Part" FROM stdin;', '\connect other', '\q'),
  (13, 'a text longer than a page', repeat('0123456789abcdef', 20000), NULL, NULL);
INSERT INTO "AwkwardValue" ("id", "why", "text")
SELECT 14, 'a text that does not compress', string_agg(md5('long ' || n), '' ORDER BY n) FROM generate_series(1, 8000) AS n;

INSERT INTO "AwkwardValue" ("id", "why", "smallint", "bigint", "numeric", "money like", "real", "double", "boolean") VALUES
  (20, 'beyond JavaScript''s integers', -32768, 9007199254740993, 9007199254740993.000, 1.5000, 1.1, 0.1, true),
  (21, 'largest', 32767, 9223372036854775807, 1e400::numeric, 9999999999.9999, 3.4028235e38, 1.7976931348623157e308, false),
  (22, 'smallest', -32768, -9223372036854775808, 1e-300::numeric, -9999999999.9999, 1e-45, 5e-324, NULL),
  (23, 'not a number', 0, 0, 'NaN', 'NaN', 'NaN', 'NaN', true),
  (24, 'infinite', 0, 0, 100.00, 0.0000, 'Infinity', '-Infinity', true),
  (25, 'zeros with a sign and trailing zeros', 0, 0, 0.0000, 10.0000, '-0', '-0', false),
  (26, 'many digits', 1, 1, 3.14159265358979323846264338327950288419716939937510582097494459230781640628620899, 0.1000, 3.1415927, 3.141592653589793, false);

INSERT INTO "AwkwardValue" ("id", "why", "bytea") VALUES
  (30, 'empty bytes', ''),
  (31, 'every byte', (SELECT string_agg(set_byte('\x00', 0, n), '' ORDER BY n) FROM generate_series(0, 255) AS n)),
  (32, 'bytes that look like an escape', '\x5c785c4e5c2e'),
  (33, 'many bytes', decode(repeat('00ff5c0a', 20000), 'hex'));

INSERT INTO "AwkwardValue" ("id", "why", "date", "time", "timestamp", "timestamptz", "interval") VALUES
  (40, 'infinite', 'infinity', '24:00:00', 'infinity', 'infinity', '178956970 years'),
  (41, 'infinite past', '-infinity', '00:00:00', '-infinity', '-infinity', '-178956970 years'),
  (42, 'before Christ', '4713-01-01 BC', '00:00:00.000001', '4713-01-01 00:00:00 BC', '4713-01-01 00:00:00Z BC', '-1 day +02:03:04'),
  (43, 'far future', '5874897-12-31', '23:59:59.999999', '294276-12-31 23:59:59.999', '294276-12-31 23:59:59.999999Z', '1 mon -1 day'),
  (44, 'around a clock change', '2025-10-26', '02:30:00', '2025-10-26 02:30:00', '2025-10-26 02:30:00+02', '0'),
  (45, 'parts of a second', '2000-02-29', '12:00:00.5', '2000-02-29 12:00:00.123', '1999-12-31 23:59:59.999999-05:30', '0.000001 seconds');

INSERT INTO "AwkwardValue" ("id", "why", "json", "jsonb") VALUES
  (50, 'json keeps its spaces, order and double keys', '{ "b":1,  "a" : 2, "a": 3 }', '{"b":1,"a":2,"a":3}'),
  (51, 'null inside and out', 'null', 'null'),
  (52, 'numbers', '[1.0, 1e2, 9007199254740993, -0]', '[1.0, 1e2, 9007199254740993, 0.000]'),
  (53, 'escapes', '"\u0041\\ \" \n \ud83e\udde9"', '"\u0041\\ \" \n \ud83e\udde9"'),
  (54, 'empty', '{}', '[]');
INSERT INTO "AwkwardValue" ("id", "why", "jsonb")
SELECT 55, 'a large document', jsonb_object_agg('key ' || n, md5('json ' || n)) FROM generate_series(1, 3000) AS n;

INSERT INTO "AwkwardValue" ("id", "why", "text[]", "integer[][]", "enum", "enum[]") VALUES
  (60, 'empty arrays', '{}', '{}', 'DRAFT', '{}'),
  (61, 'nulls and the text NULL', ARRAY[NULL, 'NULL', '', 'null'], '{NULL,1}', 'on hold', ARRAY['on hold', NULL]::"PartStatus"[]),
  (62, 'marks of arrays', ARRAY['{', '}', '"', E'\\', ',', ' a ', E'\n'], '{{1,2},{3,4}}', 'RETIRED', NULL),
  (63, 'bounds of their own', '[5:6]={a,b}', '[-1:0][2:3]={{1,2},{3,4}}', 'ACTIVE', NULL);

INSERT INTO "AwkwardValue" ("id", "why", "domain", "composite", "composite[]", "uuid", "inet", "bits", "range", "tstzrange", "point", "tsvector") VALUES
  (70, 'usual', 'a-slug', '(1.000,2.5,3)', ARRAY['(1,2,3)', '(,,)']::"Dimensions"[], '00000000-0000-0000-0000-000000000000', '::1', '', '[1,10)', '[2024-01-01,2025-01-01)', '(1.5,-2.5)', '''it''''s'':1A b:2'),
  (71, 'edges', '', '(,,)', '{}', 'ffffffff-ffff-ffff-ffff-ffffffffffff', '10.1.2.3/8', '010101010101', 'empty', '(,)', '(NaN,Infinity)', ''),
  (72, 'open ranges', NULL, '(99999.999,-99999.999,0.001)', NULL, NULL, '192.168.0.1', '1', '(,5)', '[-infinity,infinity]', '(0,0)', NULL);

UPDATE "Part" AS p SET "name" = a."text", "description" = a."text"
FROM "AwkwardValue" AS a, (SELECT "id", row_number() OVER (ORDER BY "number") AS place FROM "Part") AS r
WHERE p."id" = r."id" AND r.place = a."id" AND a."id" BETWEEN 1 AND 12 AND a."text" IS NOT NULL;
