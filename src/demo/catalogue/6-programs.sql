-- Purpose: functions, triggers, views, comments and grants.
-- Settings: search_path. Servers: 13 and later.
CREATE FUNCTION "setUpdatedAt"() RETURNS trigger LANGUAGE plpgsql AS $function$
BEGIN
  -- A body with marks that break a careless reader: ; ' " $$ \
  NEW."updatedAt" := CURRENT_TIMESTAMP;
  RETURN NEW;
END;
$function$;
CREATE TRIGGER "Part_updatedAt" BEFORE UPDATE ON "Part"
  FOR EACH ROW WHEN ((OLD."name", OLD."price") IS DISTINCT FROM (NEW."name", NEW."price")) EXECUTE FUNCTION "setUpdatedAt"();
CREATE TRIGGER "Component_updatedAt" BEFORE UPDATE ON "Component" FOR EACH ROW EXECUTE FUNCTION "setUpdatedAt"();

CREATE FUNCTION "partLabel"("name" text, "cells" integer DEFAULT 1) RETURNS text
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT name || ' ×' || cells $$;
CREATE PROCEDURE "noteRun"(INOUT runs integer) LANGUAGE plpgsql AS $$ BEGIN runs := runs + 1; END $$;

CREATE VIEW "ActivePart" WITH (security_barrier = true) AS
  SELECT p."id", "partLabel"(p."name", p."cells") AS "label", c."name" AS "component", p."price"
  FROM "Part" AS p JOIN "Component" AS c ON c."id" = p."componentId"
  WHERE p."status" = 'ACTIVE';
CREATE VIEW "CheapPart" AS SELECT "id", "label" FROM "ActivePart" WHERE "price" < 1 WITH CASCADED CHECK OPTION;
CREATE MATERIALIZED VIEW "CategorySummary" AS
  SELECT k."id", k."name", count(*) AS "components"
  FROM "Categories" AS k JOIN "_CategoryToComponent" AS j ON j."A" = k."id"
  GROUP BY k."id", k."name";
CREATE UNIQUE INDEX "CategorySummary_id_key" ON "CategorySummary" ("id");

COMMENT ON TABLE "Part" IS E'One printable part.\nIt''s a "catalogue" row \\ not a person''s.';
COMMENT ON COLUMN "Part"."cells" IS 'Computed: width × height';
COMMENT ON TYPE "PartStatus" IS 'Life of a part';
COMMENT ON INDEX "Part_active_idx" IS 'For the start page';
COMMENT ON VIEW "ActivePart" IS 'What visitors see';
COMMENT ON FUNCTION "partLabel"(text, integer) IS 'Name and cells';
COMMENT ON CONSTRAINT "Part_material_check" ON "Part" IS 'Materials we sell profiles for';

-- Roles belong to the whole server: another database of it may have made this one already, at this very moment even.
DO $$
BEGIN
  CREATE ROLE multiboard_reader NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
  NULL;
END $$;
GRANT SELECT ON "Part", "Component", "ActivePart" TO multiboard_reader;
GRANT SELECT ("id", "name") ON "Profile" TO multiboard_reader;
GRANT USAGE ON SEQUENCE "order numbers" TO multiboard_reader;
REVOKE EXECUTE ON FUNCTION "partLabel"(text, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION "partLabel"(text, integer) TO multiboard_reader;

ANALYZE;
