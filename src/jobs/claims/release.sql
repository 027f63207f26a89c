-- Purpose: gives a claim back. Parameters: $1 text name, $2 text holder. No columns. Servers: 13 and later.
DELETE FROM multiboard_sync_claim WHERE name = $1 AND holder = $2
