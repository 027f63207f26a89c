-- Event triggers (alone). Variables: owner, reader, writer (roles). Whatever fires leaves a row, so a copy whose
-- triggers acted on its own making has other rows.
CREATE SCHEMA app;
CREATE TABLE app.fired (event text, tag text);
CREATE TABLE app.t (id integer PRIMARY KEY);
CREATE FUNCTION app.note() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  INSERT INTO app.fired VALUES (tg_event, tg_tag);
END
$$;
CREATE FUNCTION app."Note ""it""%\ '
x"() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM 1; END $$;
CREATE EVENT TRIGGER at_start ON ddl_command_start EXECUTE FUNCTION app.note();
CREATE EVENT TRIGGER at_end ON ddl_command_end EXECUTE FUNCTION app.note();
CREATE EVENT TRIGGER at_drop ON sql_drop EXECUTE FUNCTION app.note();
CREATE EVENT TRIGGER at_rewrite ON table_rewrite EXECUTE FUNCTION app.note();
CREATE EVENT TRIGGER some_tags ON ddl_command_end
  WHEN TAG IN ('CREATE TABLE', 'create table as', 'SELECT INTO', 'DROP FUNCTION', 'GRANT') EXECUTE FUNCTION app.note();
CREATE EVENT TRIGGER one_tag ON sql_drop WHEN TAG IN ('DROP TABLE') EXECUTE FUNCTION app.note();
CREATE EVENT TRIGGER "Odd ""it""%\ '
x" ON ddl_command_end EXECUTE FUNCTION app."Note ""it""%\ '
x"();
COMMENT ON EVENT TRIGGER "Odd ""it""%\ '
x" IS 'it''s
odd';
COMMENT ON EVENT TRIGGER at_start IS 'notes';
CREATE EVENT TRIGGER "äöüäöüäöüäöüäöüäöüäöüäöüäöüäöüä" ON ddl_command_end EXECUTE FUNCTION app.note();
CREATE EVENT TRIGGER off ON ddl_command_end EXECUTE FUNCTION app.note();
ALTER EVENT TRIGGER off DISABLE;
CREATE EVENT TRIGGER in_replica ON ddl_command_end EXECUTE FUNCTION app.note();
ALTER EVENT TRIGGER in_replica ENABLE REPLICA;
CREATE EVENT TRIGGER always ON ddl_command_end EXECUTE FUNCTION app.note();
ALTER EVENT TRIGGER always ENABLE ALWAYS;
\if :v17
CREATE FUNCTION app.welcome() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM 1; END $$;
CREATE EVENT TRIGGER at_login ON login EXECUTE FUNCTION app.welcome();
ALTER EVENT TRIGGER at_login ENABLE ALWAYS;
CREATE EVENT TRIGGER at_login_off ON login EXECUTE FUNCTION app.welcome();
ALTER EVENT TRIGGER at_login_off DISABLE;
\endif
-- What would be noted when it is made, or changes owner or privileges, after them.
CREATE VIEW app.v AS SELECT 1 AS one FROM app.t;
CREATE INDEX ON app.t ((id + 1));
ALTER TABLE app.t ADD CHECK (id > 0), ALTER COLUMN id TYPE bigint;
ALTER VIEW app.v OWNER TO :"owner";
GRANT SELECT ON app.t TO :"reader";
COMMENT ON TABLE app.t IS 'noted';
ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT SELECT ON TABLES TO :"reader";
