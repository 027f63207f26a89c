import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { JobView } from '../../../src/jobs/job-view.ts';

/** One run of a job, as the process that ran it told. Times in microseconds of the machine's monotonic clock. */
export interface Run {
  readonly run: string;
  readonly process: string;
  readonly job: string;
  readonly target: string;
  readonly beganUs: number;
  /** The same moment on the clock that outcomes are dated by, epoch milliseconds. */
  readonly beganAtMs: number;
  /** Null where its process was killed under it. */
  readonly end: { readonly result: 'done' | 'failed' | 'aborted'; readonly us: number } | null;
}

/** How a job was first seen to have ended. */
export interface Outcome {
  readonly state: 'done' | 'failed' | 'cancelled';
  /** The run that gave it; null where none did. */
  readonly run: string | null;
  readonly code: string | null;
  readonly finishedAtMs: number;
  /** When the answer that told it was there. */
  readonly seenUs: number;
}

/** All that is known of a stress afterwards: what was asked, what ran, what was seen. */
export interface History {
  /** In the order of asking. */
  readonly asked: readonly { readonly job: string; readonly target: string }[];
  readonly runs: readonly Run[];
  /** When a process was known to be dead. */
  readonly deathsUs: ReadonlyMap<string, number>;
  readonly outcomes: ReadonlyMap<string, Outcome>;
  /** Sightings that contradict earlier ones. */
  readonly contradictions: readonly string[];
}

export function nowUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

/** The run that an outcome says it comes from: the stand-in verb (`verb.mjs`) writes it into receipt and error. */
export function runOf({ receipt, error }: JobView): string | null {
  const named = receipt?.type === 'receipt' ? receipt.warnings[0] : error?.details['run'];
  return typeof named === 'string' ? named : null;
}

const lineSchema = z.discriminatedUnion('event', [
  z.object({
    event: z.literal('begin'),
    run: z.string(),
    job: z.string(),
    target: z.string(),
    us: z.number(),
    atMs: z.number(),
  }),
  z.object({
    event: z.literal('end'),
    run: z.string(),
    result: z.enum(['done', 'failed', 'aborted']),
    us: z.number(),
  }),
]);

/** Reads what the processes told, one file each. A line that a kill cut short is the last of its file. */
export async function readRuns(directory: string): Promise<Run[]> {
  const runs = new Map<string, Run>();
  for (const file of await readdir(directory)) {
    const lines = (await readFile(join(directory, file), 'utf8')).split('\n').slice(0, -1);
    for (const text of lines) {
      const line = lineSchema.parse(JSON.parse(text));
      const begun = runs.get(line.run);
      if (line.event === 'begin') {
        const { run, job, target } = line;
        const begin = { beganUs: line.us, beganAtMs: line.atMs, end: null };
        runs.set(run, { run, process: file, job, target, ...begin });
      } else if (begun === undefined) {
        throw new Error(`${file} tells the end of a run that never began: ${text}`);
      } else {
        runs.set(line.run, { ...begun, end: { result: line.result, us: line.us } });
      }
    }
  }
  return [...runs.values()].sort((one, other) => one.beganUs - other.beganUs);
}
