import type { Logger } from 'pino';
import { createDumpCatalogue } from './http/dump-catalogue.ts';
import type { HttpDeps } from './http/ports.ts';
import type { JobQueue } from './jobs/job-queue.ts';
import { dumpsOfJobs, undosOfJobs } from './jobs/waiting-dumps.ts';
import type { VerbDeps } from './sync/contract/run.ts';
import { dropKept } from './sync/verbs/drop-kept.ts';
import { keptState, keptStates } from './sync/verbs/kept-states.ts';
import { undoOutlook, undoOutlooks } from './sync/undo/undo-outlook.ts';
import { rehearsalStates, rehearsalWords } from './sync/verbs/rehearsals.ts';
import { planSync } from './sync/verbs/plan.ts';
import { suggestMasks } from './sync/verbs/suggest-masks.ts';
import { testEnvironment } from './sync/verbs/test-environment.ts';

/** What the HTTP interface may ask of the verbs, without a job. */
export function verbPorts(
  verbs: VerbDeps,
  jobs: JobQueue,
  logger: Logger,
): Pick<HttpDeps, 'dumps' | 'kept' | 'plan' | 'rehearsals' | 'undo' | 'suggestMasks' | 'testEnvironment'> {
  const { config } = verbs;
  const undos = { ...verbs, copies: new Map() };
  return {
    dumps: createDumpCatalogue({ config, jobs, log: logger }),
    kept: {
      list: (environment, waiting) => keptStates(verbs, { environment }, waiting),
      get: (id, waiting) => keptState(verbs, id, waiting),
      drop: async (input, waiting) => {
        const [queued, undone] = [await dumpsOfJobs(config, jobs), await undosOfJobs(jobs)];
        return dropKept(verbs, { ...input, queued, undone }, waiting);
      },
    },
    rehearsals: async () => {
      const states = await rehearsalStates(config);
      return states.map((state) => ({ ...state, words: rehearsalWords(state, verbs.now()) }));
    },
    plan: (input, waiting) => planSync(verbs, input, waiting),
    undo: {
      outlook: (jobId) => undoOutlook(undos, jobId),
      outlooks: (ended, waiting) => undoOutlooks(undos, ended, waiting),
    },
    suggestMasks: (name, waiting) => suggestMasks(verbs, name, waiting),
    testEnvironment: (name, waiting) => testEnvironment(verbs, name, waiting),
  };
}
