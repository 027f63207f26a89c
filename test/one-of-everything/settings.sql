-- What belongs to the database as such (alone). Variables: owner, reader, writer (roles). \gexec: its name differs
-- with every copy.
CREATE SCHEMA "A, b ""c""%\ '
x";
SELECT format('ALTER DATABASE %I SET %s', current_database(), setting), format('ALTER ROLE %I IN DATABASE %I SET %s', :'reader', current_database(), setting)
FROM (VALUES
  ($$search_path TO "A, b ""c""%\ '
x", public, '$user'$$),
  ($$work_mem TO '17MB'$$),
  ($$statement_timeout TO '1min'$$),
  ($$application_name TO 'it''s "a" %s \ name, really'$$),
  ($$temp_tablespaces TO ''$$),
  ($$lock_timeout TO 60000$$),
  ($$DateStyle TO 'ISO, DMY'$$),
  ($$timezone TO 'Europe/Berlin'$$),
  ($$"my.own" TO 'line
break'$$),
  ($$my.other_one TO ''$$),
  ($$log_min_duration_statement TO 1000$$)
) AS all_of_them (setting) \gexec
SELECT format('ALTER ROLE %I IN DATABASE %I SET default_transaction_read_only TO on', :'writer', current_database()) \gexec
SELECT format('ALTER ROLE %I IN DATABASE %I SET search_path TO %L', :'owner', current_database(), '') \gexec
SELECT format('GRANT CONNECT, CREATE ON DATABASE %I TO %I WITH GRANT OPTION', current_database(), :'writer') \gexec
SELECT format('GRANT TEMPORARY ON DATABASE %I TO %I', current_database(), :'reader') \gexec
SELECT format('REVOKE CONNECT, TEMPORARY ON DATABASE %I FROM PUBLIC', current_database()) \gexec
SET ROLE :"writer";
SELECT format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), :'reader') \gexec
RESET ROLE;
