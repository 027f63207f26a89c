import { expect, it } from 'vitest';
import { onThisDatabase, thisDatabase } from './on-this-database.ts';

it('leaves the name of the database to the server, and signs of format as they are', () => {
  expect(onThisDatabase([`ALTER DATABASE ${thisDatabase} SET "a" TO '%I it''s'`])).toBe(
    `DO 'BEGIN
  EXECUTE pg_catalog.format(''ALTER DATABASE %1$I SET "a" TO ''''%%I it''''''''s'''''', pg_catalog.current_database());
END';`,
  );
});
