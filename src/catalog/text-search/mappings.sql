-- Purpose: which dictionaries the configurations ask for which token types. Parameters: $1 oid[] configurations.
-- Columns: configuration, token, dictionaries ([schema, name] each, in the order in which they are asked), in the
-- order of the parser's token types. Servers: 13 and later. Calls the parsers' own functions for the names of the
-- token types.
SELECT
  c.oid AS "configuration",
  t.alias AS "token",
  pg_catalog.json_agg(pg_catalog.json_build_array(n.nspname, d.dictname) ORDER BY m.mapseqno) AS "dictionaries"
FROM pg_catalog.pg_ts_config AS c
JOIN pg_catalog.pg_ts_config_map AS m ON m.mapcfg = c.oid
CROSS JOIN LATERAL pg_catalog.ts_token_type(c.cfgparser) AS t
JOIN pg_catalog.pg_ts_dict AS d ON d.oid = m.mapdict
JOIN pg_catalog.pg_namespace AS n ON n.oid = d.dictnamespace
WHERE c.oid = ANY ($1::oid[]) AND t.tokid = m.maptokentype
GROUP BY c.oid, t.tokid, t.alias
ORDER BY c.oid, t.tokid
