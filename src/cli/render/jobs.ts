import type { JobView } from '../../jobs/job-view.ts';
import { durationInWords } from '../../progress/words.ts';
import type { UndoOutlook } from '../../sync/undo/undo-outlook.ts';
import { undoWords } from '../../sync/undo/undo-words.ts';
import { progressWords } from './progress-view.ts';
import { renderReceipt } from './receipt.ts';
import { painter, safe, table } from './text.ts';

/** A job as a service shows it; one of an earlier version may lack parts of what is known of its undo. */
export type ShownJob = JobView & {
  readonly undo?: (Pick<UndoOutlook, 'undoneBy' | 'overtakenBy'> & Partial<UndoOutlook>) | null;
};

/** What became of an undo, in a word that stands in a table. */
function undoWord({ undo }: ShownJob): string {
  if (undo === null || undo === undefined) return '-';
  if (undo.undoneBy !== null) return 'undone';
  if ((undo.gone ?? []).length > 0) return 'no longer';
  return undo.overtakenBy.length > 0 ? 'overtaken' : 'possible';
}

/** Jobs as a table. */
export function renderJobs(
  jobs: readonly ShownJob[],
  { color, now }: { readonly color: boolean; readonly now: number },
): string {
  if (jobs.length === 0) return 'There is no such job.\n';
  const lines = table(
    [
      { title: 'Id' },
      { title: 'Job' },
      { title: 'State' },
      { title: 'Source' },
      { title: 'Target' },
      { title: 'Asked for (UTC)' },
      { title: 'Took', side: 'right' },
      { title: 'Undo' },
      { title: 'Why' },
    ],
    jobs.map((job) => [
      job.id,
      job.kind,
      job.progress === null || job.finishedAt !== null
        ? job.state
        : `${job.state} ${job.progress.percent.toFixed(1)} %`,
      job.source ?? '-',
      job.target ?? '-',
      new Date(job.createdAt).toISOString().slice(0, 16).replace('T', ' '),
      job.startedAt === null ? '-' : durationInWords(((job.finishedAt ?? now) - job.startedAt) / 1000),
      undoWord(job),
      job.error?.code ?? '',
    ]),
    painter(color),
  );
  return `${lines.join('\n')}\n`;
}

/** One job: how it stands, what went wrong, what became of its undo, its receipt. */
export function renderJob(job: ShownJob, options: Parameters<typeof renderReceipt>[1]): string {
  const { id, state, source, target, progress, error, receipt, undo = null } = job;
  const words = undo === null ? null : undoWords({ lacks: [], gone: [], notes: [], ...undo });
  const possible = undo === null || ['possible', 'overtaken'].includes(undoWord(job));
  const lines = [
    `Job           ${id}`,
    `State         ${state}${progress === null ? '' : `, ${progressWords(progress)}`}`,
    // A service of an earlier version knows of none.
    ...((job.trigger ?? null) === null ? [] : [`Schedule      ${safe(job.trigger?.schedule ?? '')}`]),
    ...(source === null ? [] : [`Source        ${source}`]),
    ...(target === null ? [] : [`Target        ${target}`]),
    ...(error === null
      ? []
      : [`Error         ${safe(error.message)} (${error.code})`, `Hint          ${safe(error.hint)}`]),
    ...(words === null ? [] : [`Undo          ${safe(words)}`]),
  ];
  // The receipt names the command of an undo, which may have gone since.
  const proof =
    receipt === null ? '' : `\n${renderReceipt(receipt, possible ? options : { ...options, program: null })}`;
  return `${lines.join('\n')}\n${proof}`;
}
