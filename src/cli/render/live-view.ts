import type { JobEvent, ProgressSnapshot } from '../../progress/progress.ts';
import { renderProgress } from './progress-view.ts';
import { painter, safe } from './text.ts';

/** The part of `process.stderr` that a live view needs. */
export interface Screen {
  write(text: string): unknown;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}

export interface LiveView {
  readonly onEvent: (event: JobEvent) => void;
  /** A line for people, above what is redrawn. */
  readonly note: (line: string) => void;
  /** Draws the last state once more, which stays, and leaves the cursor below it. */
  readonly end: () => void;
}

/** Ten frames a second at most; without news two, so that the clock runs. */
const frameMs = 100;
const idleMs = 500;

/**
 * Redraws the job's state in place. Asks for the window's size at each frame, so it survives a resize: the frame before
 * is cleared by the rows it takes in the window as it is now. Warnings scroll by above.
 */
export function createLiveView(
  screen: Screen,
  options: { readonly color: boolean; readonly now: () => number },
): LiveView {
  const paint = painter(options.color);
  let snapshot: ProgressSnapshot | null = null;
  let widths: readonly number[] = [];
  let drawnAt = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | null = null;

  /** A terminal that does not know its size says 0, or nothing. */
  const size = (): { columns: number; rows: number } => ({
    columns: screen.columns || 80,
    rows: screen.rows || 24,
  });

  /** Up to the first row of the last frame, and clears from there. */
  const clear = (): string => {
    const { columns } = size();
    const rows = widths.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0);
    widths = [];
    return rows === 0 ? '' : `\u001B[${rows}F\u001B[J`;
  };

  const draw = (before = ''): void => {
    if (snapshot === null) return;
    const { columns, rows } = size();
    const lines = renderProgress(snapshot, { columns, rows, color: options.color, now: options.now() });
    const cleared = clear();
    screen.write(`${cleared}${before}${lines.join('\n')}\n`);
    // Every line is filled to the window's width less one.
    widths = lines.map(() => Math.max(20, columns) - 1);
    drawnAt = options.now();
  };

  const schedule = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(() => {
      draw();
      schedule();
    }, idleMs);
    timer.unref();
  };

  const note = (line: string): void => {
    if (snapshot === null) screen.write(`${line}\n`);
    else draw(`${line}\n`);
  };

  return {
    note,
    onEvent(event) {
      if (event.type === 'log') {
        if (event.level === 'info') return;
        note(`${paint(event.level === 'error' ? 'red' : 'yellow', event.level)} ${safe(event.message)}`);
        return;
      }
      snapshot = event.progress;
      if (options.now() - drawnAt < frameMs) return;
      draw();
      schedule();
    },
    end() {
      if (timer !== null) clearTimeout(timer);
      draw();
      widths = [];
    },
  };
}
