import { describe, expect, test } from 'vitest';
import { startServer } from '../../catalog/servers.ts';
import { createBench } from '../../harness/environment-pair.ts';
import { everyTypeSql } from '../../harness/every-type.ts';
import { otherMajors } from '../../support/other-majors.ts';
import { testDatabase } from '../../support/postgres.ts';

describe('a server of another major and the newest one', () => {
  test.each(otherMajors())('agree on every digest: $major', async ({ major, binaries }) => {
    const older = await (await startServer(binaries)).database('older');
    const fresh = await testDatabase('fresh');
    for (const database of [older, fresh]) await database.query(everyTypeSql('public.every_type', major));
    const { tables } = await (await createBench({ source: older, target: fresh })).verify();
    expect(tables).toMatchObject([{ table: 'public.every_type', equal: true }]);
  });
});
