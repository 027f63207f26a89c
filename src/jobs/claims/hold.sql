-- Purpose: takes a claim or renews it.
-- Parameters: $1 text name, $2 text holder, $3 double precision milliseconds.
-- Columns: holder text, who has it now. No row where another took it in this moment: ask again. Servers: 13 and later.
WITH taken AS (
  INSERT INTO multiboard_sync_claim AS c (name, holder, held_until)
  VALUES ($1, $2, pg_catalog.clock_timestamp() + $3::double precision * interval '1 millisecond')
  ON CONFLICT (name) DO UPDATE SET holder = EXCLUDED.holder, held_until = EXCLUDED.held_until
  WHERE c.holder = EXCLUDED.holder OR c.held_until < pg_catalog.clock_timestamp()
  RETURNING c.holder
)
SELECT holder FROM taken
UNION ALL
SELECT c.holder FROM multiboard_sync_claim AS c WHERE c.name = $1 AND NOT EXISTS (SELECT FROM taken)
