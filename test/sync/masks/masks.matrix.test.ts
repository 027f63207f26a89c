import { describe, expect, test } from 'vitest';
import { sqlFile } from '../../../src/lib/sql-file.ts';
import { startServer } from '../../catalog/servers.ts';
import { createBench } from '../../harness/environment-pair.ts';
import { otherMajors } from '../../support/other-majors.ts';
import { masks, salt } from './masks.ts';

const peopleSql = sqlFile(import.meta.url, './people.sql');

describe('masks of a server of another major', () => {
  test.each(otherMajors())('are the ones of every other: $major', async ({ binaries }) => {
    const source = await (await startServer(binaries)).database('people');
    await source.query(peopleSql);
    const bench = await createBench({
      source,
      file: { environments: { src: { masks } } },
      env: { SRC_MASK_SALT: salt },
    });
    await bench.sync('replace');
    expect((await bench.verify()).tables.filter(({ equal }) => !equal)).toEqual([]);
    expect(
      await bench.target.query('SELECT email, "fullName", phone, token FROM users WHERE id = 1'),
    ).toEqual([
      {
        email: 'ubfce0819d836a83506b8@example.invalid',
        fullName: 'Emma Hill',
        phone: '+999145635670228',
        token: 'da990231-a069-07ee-b797-abb99275b248',
      },
    ]);
  });
});
