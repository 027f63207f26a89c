-- Subscriptions, none of which ever connects (alone). Variables: owner, reader, writer (roles).
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
\if :v14
CREATE SUBSCRIPTION in_binary CONNECTION 'dbname=x' PUBLICATION p WITH (connect = false, binary = true, streaming = on);
CREATE SUBSCRIPTION not_streaming CONNECTION 'dbname=x' PUBLICATION p WITH (connect = false, streaming = off);
\endif
\if :v15
CREATE SUBSCRIPTION two_phases CONNECTION 'dbname=x' PUBLICATION p
  WITH (connect = false, two_phase = on, disable_on_error = true, slot_name = 'two');
\endif
\if :v16
CREATE SUBSCRIPTION at_once CONNECTION 'dbname=x' PUBLICATION p
  WITH (connect = false, streaming = parallel, password_required = false, run_as_owner = true, origin = none);
\endif
\if :v17
CREATE SUBSCRIPTION going_over CONNECTION 'dbname=x' PUBLICATION p WITH (connect = false, failover = true, slot_name = 'over');
\endif
