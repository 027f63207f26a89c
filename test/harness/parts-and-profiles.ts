import { createBench } from './environment-pair.ts';
import type { Bench } from './environment-pair.ts';

const schema =
  'CREATE TABLE "Part" (id int PRIMARY KEY, name text); CREATE TABLE "Profile" (id int, name text)';

/** A copied table, one whose rows are kept, and one of the target alone that is left as it is. */
export async function partsAndProfiles(options: Parameters<typeof createBench>[0] = {}): Promise<Bench> {
  const bench = await createBench({ policies: { 'Profile*': 'preserve', Mine: 'exclude' }, ...options });
  await bench.source.query(`${schema}; INSERT INTO "Part" VALUES (1, 'new')`);
  await bench.target.query(
    `${schema}; CREATE TABLE "Mine" (id int); INSERT INTO "Part" VALUES (1, 'old'); INSERT INTO "Profile" VALUES (1, 'Ann'); INSERT INTO "Mine" VALUES (1)`,
  );
  return bench;
}
