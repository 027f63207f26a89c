import type { z } from 'zod';
import type { JobSummary } from '../jobs/job-lists.ts';
import type { JobLogLine } from '../jobs/job-log-lines.ts';
import type { JobView } from '../jobs/job-view.ts';
import type { UndoOutlook } from '../sync/undo/undo-outlook.ts';
import type { environmentSchema } from './schemas.ts';

/**
 * Answers of the API that are more than one capability's value, as whoever calls it reads them (web/page.js does). The
 * routes are held to them; their schemas are in schemas.ts.
 */
export interface JobAnswer extends JobView {
  /** What is known of its undo; null where it changed nothing. */
  readonly undo: (UndoOutlook & { readonly note: string | null }) | null;
}

export interface JobsAnswer {
  /** Newest first. */
  readonly jobs: readonly (JobSummary & Pick<JobAnswer, 'undo'>)[];
  readonly nextCursor: string | null;
}

export interface LogsAnswer {
  readonly lines: readonly JobLogLine[];
}

export interface EnvironmentsAnswer {
  readonly environments: readonly z.infer<typeof environmentSchema>[];
}
