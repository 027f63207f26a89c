-- Purpose: what a database holds and `pg_dump --schema-only` does not show: rows, values of sequences, large objects,
-- and states that a reload may lose. Columns: kind, name, value (text, comparable between databases of one server).
-- Servers: 13 and later. Rows of a partitioned table are read through its root: a server may spread them differently.
WITH relation AS (
  SELECT c.*, c.oid::regclass::text AS shown
  FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
  WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND n.nspname !~ '^pg_(toast_)?temp_'
)
SELECT 'rows' AS "kind", shown AS "name",
  (xpath('//content/text()', query_to_xml(format(
    'SELECT count(*) || '' '' || coalesce(md5(string_agg(line, '','' ORDER BY line COLLATE "C")), '''') AS content
     FROM (SELECT md5(ROW(whole.*)::text) AS line FROM %s %s AS whole) AS lines',
    CASE WHEN relkind = 'r' THEN 'ONLY' ELSE '' END, shown), false, true, '')))[1]::text AS "value"
FROM relation WHERE (relkind = 'r' AND NOT relispartition) OR (relkind = 'p' AND NOT relispartition)
  AND NOT EXISTS (SELECT FROM pg_partition_tree(oid) AS t JOIN pg_class AS f ON f.oid = t.relid WHERE f.relkind = 'f')
UNION ALL
SELECT 'sequence', shown,
  (xpath('//state/text()', query_to_xml(format(
    'SELECT last_value || '' '' || is_called AS state FROM %s', shown), false, true, '')))[1]::text
FROM relation WHERE relkind = 'S'
UNION ALL
SELECT 'large object', m.oid::text,
  concat_ws(' ', pg_get_userbyid(m.lomowner), m.lomacl, md5(lo_get(m.oid)), obj_description(m.oid, 'pg_largeobject'))
FROM pg_largeobject_metadata AS m
UNION ALL
SELECT 'populated', shown, relispopulated::text FROM relation WHERE relkind = 'm'
UNION ALL
SELECT 'constraint', concat_ws(' ', shown, conname),
  concat_ws(' ', 'validated', convalidated, 'local', conislocal, 'inherited', coninhcount, 'no inherit', connoinherit,
    'deferrable', condeferrable, condeferred, 'type', contype
    , 'enforced', conenforced -- [>= 18]
    )
FROM pg_constraint JOIN relation ON relation.oid = conrelid WHERE contype <> 't'
UNION ALL
SELECT 'domain constraint', concat_ws(' ', contypid::regtype, conname), convalidated::text
FROM pg_constraint WHERE contypid <> 0
UNION ALL
SELECT 'column', concat_ws(' ', shown, attname),
  concat_ws(' ', 'place', row_number() OVER (PARTITION BY attrelid ORDER BY attnum), format_type(atttypid, atttypmod),
    'local', attislocal, 'inherited', attinhcount, 'not null', attnotnull, 'identity', attidentity,
    'generated', attgenerated, 'storage', attstorage,
    -- Debian's 15 counts changes of a column among its options.
    ARRAY(SELECT o FROM unnest(attoptions) AS o WHERE o !~ '^pg_attver=')::text, 'has default', atthasdef
    , 'compression', attcompression -- [>= 14]
    )
FROM pg_attribute JOIN relation ON relation.oid = attrelid
WHERE attnum > 0 AND NOT attisdropped AND relkind IN ('r', 'p', 'v', 'm', 'f', 'c')
UNION ALL
SELECT 'parents', shown, string_agg(inhparent::regclass::text, ', ' ORDER BY inhseqno)
FROM pg_inherits JOIN relation ON relation.oid = inhrelid GROUP BY shown
UNION ALL
SELECT 'index', shown, concat_ws(' ', 'clustered', indisclustered, 'identity', indisreplident, 'valid', indisvalid,
  'primary', indisprimary, 'unique', indisunique, 'immediate', indimmediate, 'options', indoption)
FROM pg_index JOIN relation ON relation.oid = indexrelid
UNION ALL
SELECT 'extension', extname, concat_ws(' ', extversion, extnamespace::regnamespace) FROM pg_extension
UNION ALL
SELECT 'initial privileges', concat_ws(' ', i.type, i.identity), p.initprivs::text
FROM pg_init_privs AS p, pg_identify_object(p.classoid, p.objoid, p.objsubid) AS i
WHERE p.privtype = 'e'
UNION ALL
SELECT 'policy and rule state', shown, concat_ws(' ', relrowsecurity, relforcerowsecurity, relhasrules, relhastriggers,
  relreplident, relpersistence, (SELECT amname FROM pg_am WHERE pg_am.oid = relam), reloptions::text)
FROM relation WHERE relkind IN ('r', 'p', 'v', 'm')
UNION ALL
SELECT 'setting', coalesce(setrole::regrole::text, '-'), (SELECT string_agg(one, ', ' ORDER BY one) FROM unnest(setconfig) AS one)
FROM pg_db_role_setting WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
UNION ALL
SELECT 'database grants', coalesce(nullif(x.grantee, 0)::regrole::text, 'PUBLIC'),
  string_agg(concat_ws(' ', x.privilege_type, x.is_grantable, x.grantor::regrole), ', ' ORDER BY x::text)
FROM pg_database AS d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) AS x
WHERE d.datname = current_database() GROUP BY x.grantee
UNION ALL
SELECT 'publication', p.pubname, pg_get_userbyid(p.pubowner) || ' ' || (SELECT string_agg(r.prrelid::regclass::text, ',' ORDER BY r.prrelid::regclass::text) FROM pg_publication_rel AS r WHERE r.prpubid = p.oid)
FROM pg_publication AS p
ORDER BY 1, 2, 3
