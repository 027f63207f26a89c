-- Purpose: what this role may do on the target's server, and what is there to be used: roles, extensions, schema
-- public. Parameter: the extensions that matter; the server reads all its files to tell of any, so it is not asked
-- where none does. Columns: see TargetRights in target-rights.ts. Servers: 13 and later; who may SET ROLE is told apart
-- from 16 on.
SELECT
  current_user::text AS "role",
  me.rolsuper AS "superuser",
  me.rolsuper OR me.rolbypassrls AS "bypassesRowSecurity",
  pg_catalog.current_setting('server_version_num')::int AS "versionNum",
  pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE') AS "createsSchemas",
  true AS "ownsNewPublic", -- [>= 15]
  pg_catalog.pg_has_role(10::oid, 'USAGE') AS "ownsNewPublic", -- [< 15]
  -- Roles through which providers give more than PostgreSQL does; supautils says itself which is its.
  provider.privileged AS "privileged",
  (
    SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
      'name', r.rolname,
      'uses', pg_catalog.pg_has_role(r.oid, 'USAGE'),
      'gives', pg_catalog.pg_has_role(r.oid, 'USAGE') AND pg_catalog.pg_has_role(r.oid, 'SET') -- [>= 16]
      'gives', pg_catalog.pg_has_role(r.oid, 'USAGE') AND pg_catalog.pg_has_role(r.oid, 'MEMBER') -- [< 16]
    ))
    FROM pg_catalog.pg_roles AS r
  ) AS "roles",
  ARRAY(
    SELECT s.slot_name::text FROM pg_catalog.pg_replication_slots AS s
    WHERE s.database = pg_catalog.current_database() ORDER BY 1
  ) AS "slots",
  ARRAY(
    SELECT s.spcname::text FROM pg_catalog.pg_tablespace AS s
    WHERE pg_catalog.has_tablespace_privilege(s.oid, 'CREATE')
  ) AS "tablespaces",
  ARRAY(
    SELECT pg_catalog.unnest(g.enumvals) FROM pg_catalog.pg_settings AS g WHERE g.name = 'default_toast_compression'
    UNION ALL
    -- "unicode" is there without ICU too; this one initdb makes of what it finds.
    SELECT 'icu' WHERE EXISTS (SELECT FROM pg_catalog.pg_collation AS l WHERE l.collname = 'und-x-icu' AND l.oid < 16384)
  ) AS "features",
  CASE WHEN pg_catalog.cardinality($1::text[]) > 0 THEN (
    SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
      'name', a.name,
      'version', a.default_version,
      'superuser', v.superuser AND NOT v.trusted AND NOT (provider.privileged AND a.name = ANY (provider.extensions)),
      'relocatable', v.relocatable
    ))
    FROM pg_catalog.pg_available_extensions AS a
    JOIN pg_catalog.pg_available_extension_versions AS v ON v.name = a.name AND v.version = a.default_version
    WHERE a.name = ANY ($1)
  ) END AS "available",
  (
    SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
      'name', e.extname,
      'schema', n.nspname,
      'owner', pg_catalog.pg_get_userbyid(e.extowner),
      'owned', pg_catalog.pg_has_role(e.extowner, 'USAGE')
    ))
    FROM pg_catalog.pg_extension AS e
    JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace
  ) AS "installed",
  (
    SELECT pg_catalog.count(*)::int FROM pg_catalog.pg_largeobject_metadata AS o
    WHERE NOT pg_catalog.pg_has_role(o.lomowner, 'USAGE')
  ) AS "foreignLargeObjects",
  (
    SELECT pg_catalog.jsonb_build_object(
      'owner', pg_catalog.pg_get_userbyid(n.nspowner),
      'owned', pg_catalog.pg_has_role(n.nspowner, 'USAGE')
    )
    FROM pg_catalog.pg_namespace AS n
    WHERE n.nspname = 'public'
  ) AS "publicSchema"
FROM pg_catalog.pg_roles AS me,
  LATERAL (
    SELECT
      EXISTS (
        SELECT FROM pg_catalog.pg_roles AS p
        WHERE p.rolname IN (
            'rds_superuser', 'cloudsqlsuperuser', 'azure_pg_admin', 'neon_superuser', 'supabase_privileged_role', 'alloydbsuperuser',
            pg_catalog.current_setting('supautils.privileged_role', true)
          )
          AND pg_catalog.pg_has_role(p.oid, 'MEMBER')
      ) AS privileged,
      -- Those that supautils makes for its role as a superuser.
      pg_catalog.regexp_split_to_array(
        pg_catalog.btrim(COALESCE(pg_catalog.current_setting('supautils.privileged_extensions', true), '')), '\s*,\s*'
      ) AS extensions
  ) AS provider
WHERE me.rolname = current_user
