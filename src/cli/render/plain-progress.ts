import type { JobEvent, ProgressSnapshot } from '../../progress/progress.ts';
import { durationInWords } from '../../progress/words.ts';
import { jobTitle, progressWords } from './progress-view.ts';
import { safe } from './text.ts';

/** A tenth of the way is a change worth a line. */
const percentStep = 10;

/**
 * Progress where there is no terminal: one plain line for each change (a step begins or ends, a tenth of the way, a
 * warning), no control codes. Returns what an event has to say, often nothing.
 */
export function plainProgress(): (event: JobEvent) => readonly string[] {
  const told = new Map<string, string>();
  let tenth = 0;
  let title: string | null = null;

  const stepChanges = ({ steps, state, message }: ProgressSnapshot): string[] =>
    steps.flatMap((step) => {
      if (step.state === 'waiting' || told.get(step.id) === step.state) return [];
      told.set(step.id, step.state);
      const time = durationInWords((step.durationMs ?? 0) / 1000);
      if (step.state === 'running') {
        // A sentence that says more than the step's title.
        const more = state === 'running' && message !== step.title && message !== '' ? `: ${message}` : '';
        return [`${step.title}${more}`];
      }
      return [`${step.title}: ${step.state}, ${time}`];
    });

  return (event) => {
    if (event.type === 'log') return event.level === 'info' ? [] : [safe(`${event.level}: ${event.message}`)];
    const { progress } = event;
    const lines: string[] = [];
    if (title === null) {
      title = jobTitle(progress);
      lines.push(`${title} (job ${progress.jobId})`);
    }
    lines.push(...stepChanges(progress));
    const reached = Math.floor(progress.percent / percentStep);
    if (reached > tenth) {
      tenth = reached;
      if (progress.state === 'running') lines.push(progressWords(progress));
    }
    if (progress.state === 'cancelling' && !told.has('cancelling')) {
      told.set('cancelling', 'told');
      lines.push(progress.message);
    }
    return lines.map((line) => safe(line));
  };
}
