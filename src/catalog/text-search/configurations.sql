-- Purpose: text search configurations. Columns: those of ConfigurationRow. Servers: 13 and later.
-- `mappings`: an array of {token, dictionaries: [[schema, name], …]} in the order of the parser's token types.
-- Calls the parser for the names of its token types.
SELECT
  c.oid AS "oid",
  n.nspname AS "schema",
  c.cfgname AS "name",
  pg_catalog.pg_get_userbyid(c.cfgowner) AS "owner",
  pn.nspname AS "parserSchema",
  p.prsname AS "parserName",
  (
    SELECT COALESCE(
      pg_catalog.json_agg(
        pg_catalog.json_build_object('token', t.alias, 'dictionaries', m.dictionaries) ORDER BY m.maptokentype
      ),
      '[]'
    )
    FROM (
      SELECT
        x.maptokentype,
        pg_catalog.json_agg(pg_catalog.json_build_array(dn.nspname, d.dictname) ORDER BY x.mapseqno) AS dictionaries
      FROM pg_catalog.pg_ts_config_map AS x
      JOIN pg_catalog.pg_ts_dict AS d ON d.oid = x.mapdict
      JOIN pg_catalog.pg_namespace AS dn ON dn.oid = d.dictnamespace
      WHERE x.mapcfg = c.oid
      GROUP BY x.maptokentype
    ) AS m
    JOIN pg_catalog.ts_token_type(c.cfgparser) AS t ON t.tokid = m.maptokentype
  ) AS "mappings"
FROM pg_catalog.pg_ts_config AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.cfgnamespace
JOIN pg_catalog.pg_ts_parser AS p ON p.oid = c.cfgparser
JOIN pg_catalog.pg_namespace AS pn ON pn.oid = p.prsnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend AS m
    WHERE m.classid = 'pg_catalog.pg_ts_config'::regclass AND m.objid = c.oid AND m.deptype = 'e'
  )
