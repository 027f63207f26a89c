import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { lacks } from '../support/lacks.ts';
import { modes } from '../harness/environment-pair.ts';
import { runPsqlPastErrors } from './oracle.ts';
import { found } from './oracle/differences.ts';
import type { Findings } from './oracle/differences.ts';
import { unexplained } from './oracle/known-differences.ts';
import { roundTrip } from './oracle/round-trip.ts';
import { SchemaWriter } from './random/schema-writer.ts';
import { makers } from './random/steps.ts';
import { sharedServer } from './servers.ts';

/** `TEST_RANDOM_SCHEMAS=200` runs that many, with a seed of their own; `200:7` with that one. */
const [runs = '3', seed] = (process.env['TEST_RANDOM_SCHEMAS'] ?? '3:20240615').split(':');
const byHand = process.env['TEST_RANDOM_SCHEMAS'] !== undefined;

const step = fc.record({
  make: fc.nat(999),
  choices: fc.array(fc.nat(999), { minLength: 12, maxLength: 12 }),
});
const steps = fc.array(step, { minLength: 10, maxLength: 60, size: 'max' });

describe.skipIf(lacks('client-tools'))('random schemas', () => {
  let roles: Record<string, string>;

  beforeAll(async () => {
    roles = {
      owner: await sharedServer.role('owner'),
      reader: await sharedServer.role('reader'),
      writer: await sharedServer.role('writer'),
    };
  });

  it(
    'come out as pg_dump would have them',
    async () => {
      const parameters = {
        numRuns: Number(runs),
        endOnFailure: !byHand,
        ...(seed === undefined ? {} : { seed: Number(seed) }),
      };
      await fc.assert(
        fc.asyncProperty(steps, fc.constantFrom(...modes), async (chosen, mode) => {
          const writer = new SchemaWriter();
          for (const one of chosen) {
            writer.begin(one);
            makers[one.make % makers.length]?.(writer);
          }
          const source = await sharedServer.database('random');
          await runPsqlPastErrors(source.url, writer.statements.join('\n'), roles);
          const { findings, databases } = await roundTrip({ source, server: sharedServer, mode });
          for (const database of [...databases, source]) await database.drop();
          expect(found(unexplained(judged(findings), 18))).toEqual({});
        }),
        parameters,
      );
    },
    byHand ? 24 * 3_600_000 : 120_000,
  );
});

/** Where pg_dump's own file does not restore, the copy can only be compared with the source. */
function judged(findings: Findings): Findings {
  const errors = findings['errors of pg_dump itself'] ?? [];
  if (errors.length === 0) return findings;
  if (byHand) console.warn(`pg_dump: ${errors.join(' ')}`);
  const names = ['comparison with the source', 'unsupported'];
  return Object.fromEntries(Object.entries(findings).filter(([name]) => names.includes(name)));
}
