-- Purpose: the locale a database was made with, to make another one alike.
-- Parameters: $1 text database name. Columns: collate text, ctype text, provider text, locale text, rules text.
-- Servers: 13 and later: columns that a server lacks are read through to_jsonb, which leaves them null.
SELECT
  d.j ->> 'datcollate' AS collate,
  d.j ->> 'datctype' AS ctype,
  CASE COALESCE(d.j ->> 'datlocprovider', 'c') WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END AS provider,
  COALESCE(d.j ->> 'datlocale', d.j ->> 'daticulocale') AS locale,
  d.j ->> 'daticurules' AS rules
FROM (SELECT pg_catalog.to_jsonb(x) AS j FROM pg_catalog.pg_database AS x WHERE x.datname = $1) AS d
