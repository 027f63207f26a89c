import { beforeAll, describe, expect, it } from 'vitest';
import { planSync } from '../../../src/sync/verbs/plan.ts';
import { startServer } from '../../catalog/servers.ts';
import type { CatalogServer } from '../../catalog/servers.ts';
import { lacks } from '../../support/lacks.ts';
import { serverBinaries } from '../../support/servers/fetch.ts';
import { createBench } from '../../harness/environment-pair.ts';
import type { Bench } from '../../harness/environment-pair.ts';
import { failure } from '../../harness/failure.ts';

/** Before 18 a slot whose publication was missing at a row of its stream refuses to go on for good. */
const majors = lacks('postgres-17') ? [18] : [18, 17];

describe.each(majors)('a target on %i that somebody follows', (major) => {
  let server: CatalogServer;
  beforeAll(async () => {
    server = await startServer(major === 18 ? undefined : serverBinaries(major), { wal_level: 'logical' });
  });

  const part = 'CREATE TABLE part (id int PRIMARY KEY); CREATE TABLE other (id int);';

  async function followed(inSource: string): Promise<Bench> {
    const target = await server.database('followed');
    const bench = await createBench({ target });
    await bench.source.query(
      `${part} INSERT INTO part VALUES (1), (2), (3); INSERT INTO other VALUES (1); ${inSource}`,
    );
    await target.query(`${part} INSERT INTO part VALUES (1), (9); CREATE PUBLICATION pub FOR TABLE part`);
    await target.query(`SELECT pg_create_logical_replication_slot('${target.name}', 'pgoutput')`);
    return bench;
  }

  /** How many new rows a subscription would be sent; it takes them from the slot. */
  async function inserted({ target }: Bench): Promise<number | undefined> {
    const [row] = await target.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM pg_logical_slot_get_binary_changes('${target.name}', NULL, NULL, 'proto_version', '1', 'publication_names', 'pub')
       WHERE get_byte(data, 0) = ascii('I')`,
    );
    return row?.n;
  }

  const plan = ({ config }: Bench) =>
    planSync(
      { config, now: Date.now },
      { source: 'src', target: 'dst', mode: 'in-place' },
      { signal: new AbortController().signal },
    );

  it('sends on the new rows, and goes on; that the old ones are not taken away is told', async () => {
    const bench = await followed('CREATE PUBLICATION pub FOR TABLE part');
    const planned = await plan(bench);
    expect(planned).toMatchObject({ mode: 'in-place', blockers: [] });
    expect(planned.warnings).toEqual([
      expect.stringContaining(`replication slot ${bench.target.name} receives the new rows`),
    ]);
    const receipt = await bench.sync('in-place');
    expect(receipt.warnings).toEqual(planned.warnings);
    expect(await inserted(bench)).toBe(3);
    await bench.target.query('SET synchronous_commit = on; INSERT INTO part VALUES (4)');
    expect(await inserted(bench)).toBe(1);
  });

  it('is told of a publication that goes', async () => {
    const bench = await followed('CREATE PUBLICATION another FOR TABLE part');
    const { warnings } = await plan(bench);
    expect(warnings[1]).toContain('The source has no publication pub:');
  });

  it('is merged only while no subscriber would be sent the rows kept for the undo', async () => {
    const bench = await followed(
      `CREATE PUBLICATION pub FOR TABLE part; CREATE PUBLICATION every FOR ALL TABLES WITH (publish = 'insert')`,
    );
    await bench.target.query(`CREATE PUBLICATION every FOR ALL TABLES WITH (publish = 'insert')`);
    const error = await failure(bench.sync('merge'));
    expect([error.code, error.message]).toEqual([
      'TARGET_UNSUPPORTED',
      expect.stringContaining('publications FOR ALL TABLES ("every")'),
    ]);
    await bench.target.query(`SELECT pg_drop_replication_slot('${bench.target.name}')`);
    const { warnings, jobId } = await bench.sync('merge');
    expect(warnings).toContainEqual(expect.stringContaining('Nobody subscribes now'));
    // Nor is it undone while somebody would be sent what the undo keeps in turn.
    await bench.target.query(`SELECT pg_create_logical_replication_slot('${bench.target.name}', 'pgoutput')`);
    expect(await failure(bench.rollback(jobId))).toMatchObject({
      code: 'TARGET_UNSUPPORTED',
      message: expect.stringContaining(`Job "${jobId}" cannot be undone now.`) as string,
    });
    expect(await bench.target.query('SELECT id FROM part ORDER BY id')).toEqual(
      await bench.source.query('SELECT id FROM part ORDER BY id'),
    );
    await bench.target.query(`SELECT pg_drop_replication_slot('${bench.target.name}')`);
    const undone = await bench.rollback(jobId);
    expect(undone.warnings).toContainEqual(expect.stringContaining('Nobody subscribes now'));
    expect(await bench.target.query('SELECT id FROM part ORDER BY id')).toEqual([{ id: 1 }, { id: 9 }]);
  });

  it.each(['auto', 'replace'] as const)('mode %s says what to do', async (mode) => {
    const bench = await followed('');
    const error = await failure(bench.sync('replace', { mode }));
    expect(error).toMatchObject({ code: 'CONFLICT_TARGET_IN_USE' });
    expect(error.hint).toContain('pg_drop_replication_slot');
  });
});
