-- Subscriptions, none of which ever connects (alone). Variables: owner, reader, writer (roles). pg_dump 18 names
-- options that servers before 16 do not have: what is made of their subscriptions is tested in
-- test/sync/servers/subscriptions.pg.test.ts.
\if :v16
CREATE SUBSCRIPTION plain CONNECTION 'host=nowhere.invalid dbname=x user=u password=planted-secret'
  PUBLICATION p WITH (connect = false);
CREATE SUBSCRIPTION no_slot CONNECTION '' PUBLICATION p, "P ""x%\ '
y", third WITH (connect = false, slot_name = NONE);
COMMENT ON SUBSCRIPTION no_slot IS 'it''s
without \ %';
CREATE SUBSCRIPTION other_slot CONNECTION 'dbname=''it\''s %'' user=u' PUBLICATION p
  WITH (connect = false, slot_name = 'another_slot', synchronous_commit = local);
CREATE SUBSCRIPTION "Odd ""it""%\ '
x" CONNECTION 'dbname=x' PUBLICATION "select" WITH (connect = false, slot_name = NONE, synchronous_commit = remote_apply);
COMMENT ON SUBSCRIPTION "Odd ""it""%\ '
x" IS 'odd';
CREATE SUBSCRIPTION in_binary CONNECTION 'dbname=x' PUBLICATION p WITH (connect = false, binary = true, streaming = on);
CREATE SUBSCRIPTION not_streaming CONNECTION 'dbname=x' PUBLICATION p WITH (connect = false, streaming = off);
CREATE SUBSCRIPTION two_phases CONNECTION 'dbname=x' PUBLICATION p
  WITH (connect = false, two_phase = on, disable_on_error = true, slot_name = 'two');
CREATE SUBSCRIPTION at_once CONNECTION 'dbname=x' PUBLICATION p
  WITH (connect = false, streaming = parallel, password_required = false, run_as_owner = true, origin = none);
\if :v17
CREATE SUBSCRIPTION going_over CONNECTION 'dbname=x' PUBLICATION p WITH (connect = false, failover = true, slot_name = 'over');
\endif
\endif
