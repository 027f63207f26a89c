import { Client } from 'pg';
import { expect, test } from 'vitest';
import { createBench, modes } from '../../harness/environment-pair.ts';
import type { BenchDatabase } from '../../harness/environment-pair.ts';

/**
 * Sequences of kept tables in each way a table takes its numbers: serial, identity, a free one in a default; one
 * counts down.
 */
const schema = `CREATE TABLE "Profile" (id serial PRIMARY KEY); CREATE TABLE "ProfileIdentity" (id int GENERATED ALWAYS AS IDENTITY);
  CREATE SEQUENCE numbers; CREATE SEQUENCE down INCREMENT -3 MINVALUE -1000000000;
  CREATE TABLE "ProfileFree" (id int DEFAULT nextval('numbers'), d int DEFAULT nextval('down')); CREATE TABLE part (id int);`;
const sequences = ['"Profile_id_seq"', '"ProfileIdentity_id_seq"', 'numbers', 'down'];

/**
 * Takes numbers, one after the other, however often it is thrown out; returns the end of it with all that were given.
 */
function taking({ url }: BenchDatabase, sequence: string): () => Promise<readonly string[]> {
  const given: string[] = [];
  const stop = new AbortController();
  const take = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const client = new Client({ connectionString: url });
      client.on('error', () => {});
      try {
        await client.connect();
        while (!stop.signal.aborted) {
          const { rows } = await client.query<{ n: string }>(`SELECT nextval('${sequence}')::text AS n`);
          given.push(rows[0]?.n ?? '');
        }
      } catch {
        // Thrown out by a switch, or met by a sequence that was replaced: comes again, as applications do.
      }
      await client.end().catch(() => {});
    }
  };
  const taken = take();
  return async () => {
    stop.abort();
    await taken;
    return given;
  };
}

test.each(modes)('a number that was given is not given again, by a sync and its undo, %s', async (mode) => {
  const bench = await createBench({ policies: { 'Profile*': 'preserve' } });
  for (const end of [bench.source, bench.target]) await end.query(`${schema} INSERT INTO part VALUES (1)`);
  const stops = sequences.map((sequence) => taking(bench.target, sequence));
  const { jobId } = await bench.sync(mode);
  await bench.rollback(jobId);
  const given = await Promise.all(stops.map((stop) => stop()));
  for (const [index, numbers] of given.entries()) {
    expect(numbers.length).toBeGreaterThan(10);
    expect([sequences[index], numbers.length - new Set(numbers).size]).toEqual([sequences[index], 0]);
  }
});
