import { z } from 'zod';
import type { JobKind, StepId } from '../../progress/progress.ts';
import { inputs } from './inputs.ts';
import type { Inputs } from './inputs.ts';
import type { Receipt, VerifyReceipt } from './receipts.ts';
import { sentences } from './sentences.ts';

/** A step that a job of a kind may have, in order. */
interface PlannedStep {
  readonly id: StepId;
  /** Whether it is work that counts in bytes. */
  readonly bytes: 0 | 1;
  /** Not every job of the kind has it. */
  readonly only?: keyof Parts;
}

/** What a job has beside what all of its kind have. */
export interface Parts {
  /** A safety copy is written. */
  readonly backup: boolean;
  /** The search is rebuilt. */
  readonly search: boolean;
  /** There are rules for tables, so there may be rows that are kept. */
  readonly policies: boolean;
  /** Objects are made, from a dump. */
  readonly objects: boolean;
  /** Rows alone are changed, those that differ. */
  readonly merge: boolean;
}

/** One kind of work that a person can ask for. */
interface RequestKind<K extends JobKind> {
  /** As the API and the queue take it. */
  readonly input: (typeof inputs)[K];
  /** Where the API takes it; a name in braces is a field of the input. */
  readonly path: string;
  /** The environment it reads; null where the request names none. */
  readonly source: (input: Inputs[K]) => string | null;
  /** The environment it is about at the other end, written to or not. */
  readonly target: (input: Inputs[K]) => string | null;
  /**
   * What of the target it changes; `beside`: it makes a database of its own beside the target's. One that changes
   * something is alone on its target; one that replaces the database is confirmed by the target's name.
   */
  readonly writes: 'database' | 'search' | 'beside' | 'nothing';
  /** Whether an undo can take back what its receipt says. */
  readonly undoable: boolean;
  /** Whether it reads a dump that was there before, which nobody may remove meanwhile (dumps/dump-uses.ts). */
  readonly readsDumps: boolean;
  /** Whether it goes on whatever the versions of the servers are; others say so in their input. */
  readonly anyServer: boolean;
  readonly steps: readonly PlannedStep[];
  /** What is true when it is done. */
  readonly sentence: (receipt: ReceiptOf<K>) => string;
}

type ReceiptOf<K extends JobKind> = K extends 'verify' ? VerifyReceipt : Receipt;

const step = (id: StepId, bytes: 0 | 1, only?: keyof Parts): PlannedStep =>
  only === undefined ? { id, bytes } : { id, bytes, only };

/** From the safety copy to the end: the same whatever the rows come from. */
const replacingSteps: readonly PlannedStep[] = [
  step('backup', 1, 'backup'),
  step('readback', 1, 'backup'),
  step('prepare', 0, 'objects'),
  step('load', 1),
  step('build', 0, 'objects'),
  step('verify', 1),
  step('search-build', 1, 'search'),
  step('keep', 0, 'policies'),
  step('switch', 0),
  step('clean', 0),
];

/**
 * Everything that can be asked for. A new verb is a row here, a kind in `JobKind`, an input (inputs.ts), and a function
 * (verbs/run-job.ts).
 */
export const requests: { readonly [K in JobKind]: RequestKind<K> } = {
  export: {
    input: inputs.export,
    path: '/api/sync/export',
    source: ({ environment }) => environment,
    target: () => null,
    writes: 'nothing',
    undoable: false,
    readsDumps: false,
    anyServer: false,
    steps: [step('check', 0), step('export', 1), step('readback', 1), step('clean', 0)],
    sentence: sentences.export,
  },
  import: {
    input: inputs.import,
    path: '/api/sync/import',
    source: () => null,
    target: ({ target }) => target,
    writes: 'database',
    undoable: true,
    readsDumps: true,
    anyServer: false,
    steps: [step('inspect', 1), step('recover', 0), step('check', 0), ...replacingSteps],
    sentence: sentences.import,
  },
  sync: {
    input: inputs.sync,
    path: '/api/sync',
    source: ({ source }) => source,
    target: ({ target }) => target,
    writes: 'database',
    undoable: true,
    readsDumps: false,
    anyServer: false,
    steps: [
      step('recover', 0),
      step('check', 0),
      step('export', 1, 'objects'),
      step('compare', 1, 'merge'),
      ...replacingSteps,
    ],
    sentence: sentences.sync,
  },
  typesense: {
    input: inputs.typesense,
    path: '/api/sync/typesense',
    source: () => null,
    target: ({ environment }) => environment,
    writes: 'search',
    undoable: true,
    readsDumps: false,
    anyServer: false,
    steps: [
      step('recover', 0),
      step('check', 0),
      step('search-build', 1),
      step('search-switch', 0),
      step('clean', 0),
    ],
    sentence: sentences.typesense,
  },
  rollback: {
    input: inputs.rollback,
    path: '/api/jobs/{jobId}/rollback',
    source: () => null,
    // The undone job knows its target; the confirmation has to name it.
    target: ({ confirm }) => confirm,
    writes: 'database',
    undoable: true,
    readsDumps: true,
    // Nobody is kept from going back.
    anyServer: true,
    steps: [step('recover', 0), step('check', 1), step('switch', 1), step('search-switch', 0)],
    sentence: sentences.rollback,
  },
  verify: {
    input: inputs.verify,
    path: '/api/verify',
    source: ({ left }) => left,
    target: ({ right }) => right,
    writes: 'nothing',
    undoable: false,
    readsDumps: false,
    anyServer: false,
    steps: [step('check', 0), step('verify', 1)],
    sentence: sentences.verify,
  },
  rehearsal: {
    input: inputs.rehearsal,
    path: '/api/rehearsals',
    source: ({ environment }) => environment,
    target: ({ server }) => server,
    writes: 'beside',
    undoable: false,
    readsDumps: true,
    anyServer: false,
    steps: [
      step('inspect', 1),
      step('recover', 0),
      step('prepare', 0),
      step('load', 1),
      step('build', 0),
      step('verify', 1),
      step('clean', 0),
    ],
    sentence: sentences.rehearsal,
  },
};

export const jobKinds = Object.keys(requests) as [JobKind, ...JobKind[]];

/** As the API and the queue take it. */
export type JobRequest = {
  [K in JobKind]: { readonly kind: K; readonly input: Readonly<z.infer<(typeof inputs)[K]>> };
}[JobKind];

/** The command line may also name a file; the queue and the API never can (`jobRequestSchema`). */
export type LocalJobRequest<K extends JobKind = JobKind> = {
  [P in K]: { readonly kind: P; readonly input: Inputs[P] };
}[K];

const requestSchemas = jobKinds.map((kind) =>
  z.strictObject({ kind: z.literal(kind), input: requests[kind].input }),
);

export const jobRequestSchema = z.discriminatedUnion(
  'kind',
  requestSchemas as [(typeof requestSchemas)[number], ...typeof requestSchemas],
) as unknown as z.ZodType<JobRequest>;

/** What a job reads and what it is about, for lists; null where the request names none. */
export function requestEnds<K extends JobKind>({
  kind,
  input,
}: LocalJobRequest<K>): {
  readonly source: string | null;
  readonly target: string | null;
} {
  const { source, target } = requests[kind];
  return { source: source(input), target: target(input) };
}

/**
 * The environment a job writes to (database or search), or null for one that only reads: at most one job at a time
 * writes to a target.
 */
export function writtenTarget<K extends JobKind>(request: LocalJobRequest<K>): string | null {
  return requests[request.kind].writes === 'nothing' ? null : requestEnds(request).target;
}

/** Whether a job may use servers of versions that were never tried, because of what it is or what it says. */
export function allowsUntried({ kind, input }: LocalJobRequest): boolean {
  return requests[kind].anyServer || ('untriedServers' in input && input.untriedServers === true);
}

/** What is true now that a job is done. */
export function sentenceOf(receipt: Receipt | VerifyReceipt): string {
  return receipt.type === 'verify'
    ? requests.verify.sentence(receipt)
    : requests[receipt.kind].sentence(receipt);
}

/** The steps of a job, as its reporter is told them. */
export function stepsOf(
  kind: JobKind,
  parts: Partial<Parts> = {},
): readonly { readonly id: StepId; readonly bytes: number }[] {
  return requests[kind].steps
    .filter(({ only }) => only === undefined || parts[only] === true)
    .map(({ id, bytes }) => ({ id, bytes }));
}
