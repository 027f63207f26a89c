import { expect, it } from 'vitest';
import { createBench, modes } from '../../harness/environment-pair.ts';

const fired = 'SELECT event, tag FROM fired ORDER BY 1, 2';

it.each(modes)('event triggers of the target do not act on its own replacement (%s)', async (mode) => {
  const bench = await createBench();
  await bench.source.query(`
    CREATE TABLE fired (event text, tag text);
    CREATE FUNCTION note() RETURNS event_trigger LANGUAGE plpgsql AS
      'BEGIN INSERT INTO public.fired VALUES (tg_event, tg_tag); END';
    CREATE EVENT TRIGGER at_end ON ddl_command_end EXECUTE FUNCTION note();
    ALTER EVENT TRIGGER at_end ENABLE ALWAYS;
    CREATE EVENT TRIGGER at_drop ON sql_drop EXECUTE FUNCTION note();
    COMMENT ON EVENT TRIGGER at_drop IS 'notes';
    CREATE TABLE t (id integer PRIMARY KEY);
    CREATE MATERIALIZED VIEW m AS SELECT id FROM t`);
  await bench.sync(mode);
  // Now the target has them too.
  await bench.sync(mode);
  expect(await bench.target.query(fired)).toEqual(await bench.source.query(fired));
  await bench.target.query('CREATE TABLE seen ()');
  expect(await bench.target.query(fired)).toContainEqual({ event: 'ddl_command_end', tag: 'CREATE TABLE' });
});
