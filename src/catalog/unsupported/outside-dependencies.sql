-- Purpose: what the list of catalogs with OIDs does not lead to, and no reader carries: nothing at present.
-- Columns: identity. Servers: 13 and later.
SELECT NULL::text AS "identity" WHERE false
