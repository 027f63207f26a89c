-- Purpose: unique indexes (of tables, keys and constraints) whose texts stand in the order of another version of their
-- collation than the server's system has now: such an index may not find a row that is there, so that it takes
-- duplicates. Columns: schema text, table_name text, index_name text. Servers: 13 and later; of the database's own
-- collation the version is known from 15 on.
SELECT n.nspname::text AS schema, c.relname::text AS table_name, x.relname::text AS index_name
FROM pg_catalog.pg_namespace AS n
JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relkind IN ('r', 'm')
JOIN pg_catalog.pg_index AS i ON i.indrelid = c.oid
JOIN pg_catalog.pg_class AS x ON x.oid = i.indexrelid
WHERE i.indisunique
  AND n.nspname <> 'information_schema' AND NOT pg_catalog.starts_with(n.nspname, 'pg_')
  AND EXISTS (
    SELECT FROM unnest(i.indcollation::oid[]) AS used (oid)
    JOIN pg_catalog.pg_collation AS k ON k.oid = used.oid
    CROSS JOIN pg_catalog.pg_database AS d
    WHERE d.datname = pg_catalog.current_database()
      AND CASE
        WHEN k.collprovider = 'd' THEN
          d.datcollversion IS DISTINCT FROM pg_catalog.pg_database_collation_actual_version(d.oid) -- [>= 15]
          AND d.datcollversion IS NOT NULL -- [>= 15]
          false -- [< 15]
        ELSE
          k.collversion IS NOT NULL
          AND k.collversion IS DISTINCT FROM pg_catalog.pg_collation_actual_version(k.oid)
      END
  )
ORDER BY 1, 2, 3
