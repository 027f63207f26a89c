import type { ItemProgress, ProgressSnapshot, StepProgress, StepState } from '../../progress/progress.ts';
import {
  byteRateInWords,
  bytesInWords,
  countInWords,
  durationInWords,
  etaInWords,
  rowRateInWords,
} from '../../progress/words.ts';
import { fit, painter, safe, widthOf } from './text.ts';
import type { Colour, Paint } from './text.ts';

export interface RenderProgressOptions {
  readonly columns: number;
  readonly rows: number;
  readonly color: boolean;
  /** Epoch milliseconds, for what is running; the snapshot's own time when not said. */
  readonly now?: number;
}

/** State by sign and colour, and the words beside it: never by colour alone. */
const signs: Readonly<Record<StepState, readonly [sign: string, colour: Colour]>> = {
  waiting: ['·', 'dim'],
  running: ['▸', 'cyan'],
  done: ['✓', 'green'],
  failed: ['✗', 'red'],
  cancelled: ['■', 'yellow'],
};

/**
 * The state of a job as lines for a terminal: a head, the steps, the tables in flight, one line of totals. Pure. At
 * most `rows - 1` lines (the cursor needs one) of at most `columns - 1` columns (a full line would wrap).
 */
export function renderProgress(snapshot: ProgressSnapshot, options: RenderProgressOptions): string[] {
  const width = Math.max(20, options.columns) - 1;
  const height = Math.max(4, options.rows) - 1;
  const now = options.now ?? snapshot.updatedAt;
  const paint = painter(options.color);
  const head = headLine(snapshot, now, width, paint);
  const total = totalLine(snapshot, width, paint);
  const steps = stepLines(snapshot.steps, now, width, height - 2, paint);
  const items = itemLines(snapshot, width, height - 2 - steps.length, paint);
  return [head, ...steps, ...items, total];
}

/** `sync staging → production`, and the time since it began. */
export function jobTitle({ kind, source, target }: ProgressSnapshot): string {
  const ends = [source, target].filter((end) => end !== null).join(' → ');
  return ends === '' ? kind : `${kind} ${ends}`;
}

function headLine(snapshot: ProgressSnapshot, now: number, width: number, paint: Paint): string {
  const { startedAt, state } = snapshot;
  const time = startedAt === null ? '' : durationInWords((now - startedAt) / 1000);
  const words = state === 'running' || state === 'done' ? '' : ` (${state})`;
  return `${paint('bold', fit(jobTitle(snapshot) + words, width - widthOf(time)))}${paint('dim', time)}`;
}

function stepLines(
  steps: readonly StepProgress[],
  now: number,
  width: number,
  height: number,
  paint: Paint,
): string[] {
  const line = ({ title, state, startedAt, durationMs }: StepProgress): string => {
    const [sign, colour] = signs[state];
    const elapsed = durationMs ?? (startedAt === null ? null : now - startedAt);
    const time = elapsed === null ? '' : durationInWords(elapsed / 1000);
    const text = `${paint(colour, sign)} ${fit(title, width - 2 - widthOf(time))}`;
    return state === 'waiting' ? paint('dim', `${sign} ${fit(title, width - 2)}`) : text + paint('dim', time);
  };
  // Half the window belongs to the tables, once the list of steps is longer than that.
  if (steps.length <= Math.max(3, Math.ceil(height * 0.7))) return steps.map(line);
  const done = steps.filter(({ state }) => state === 'done').length;
  const waiting = steps.filter(({ state }) => state === 'waiting').length;
  const current = steps.filter(({ state }) => state !== 'done' && state !== 'waiting');
  return [
    ...(done === 0 ? [] : [`${paint('green', '✓')} ${fit(`${countSteps(done)} done`, width - 2)}`]),
    ...current.map(line),
    ...(waiting === 0 ? [] : [paint('dim', `· ${fit(`${countSteps(waiting)} to come`, width - 2)}`)]),
  ].slice(0, Math.max(1, height));
}

function countSteps(count: number): string {
  return count === 1 ? '1 step' : `${count} steps`;
}

function itemLines(snapshot: ProgressSnapshot, width: number, height: number, paint: Paint): string[] {
  const active = snapshot.items.filter(({ state }) => state === 'active');
  const { itemsDone, itemsTotal } = snapshot;
  const rest = itemsTotal - itemsDone - active.length;
  const summary = [
    ...(itemsDone === 0 ? [] : [`${countInWords(itemsDone)} done`]),
    ...(rest <= 0 ? [] : [`${countInWords(rest)} to come`]),
  ].join(', ');
  const room = height - (summary === '' ? 0 : 1);
  if (height <= 0 || snapshot.state === 'done') return [];
  const shown = active.slice(0, Math.max(0, room));
  return [
    ...shown.map((item) => itemLine(item, width)),
    ...(summary === '' ? [] : [paint('dim', fit(`    ${summary}`, width))]),
  ];
}

function itemLine({ name, rows, rowsEstimated, bytes, bytesEstimated }: ItemProgress, width: number): string {
  const of = (done: number, total: number | null, words: (count: number) => string): string =>
    total === null || total < done ? words(done) : `${words(done)} of ${words(total)}`;
  const facts = `${of(rows, rowsEstimated, countInWords)} rows  ${of(bytes, bytesEstimated, bytesInWords)}`;
  const factsWidth = Math.min(widthOf(facts), Math.floor(width / 2));
  return `    ${fit(safe(name), width - 6 - factsWidth)}  ${fit(facts, factsWidth, 'right')}`;
}

function totalLine(snapshot: ProgressSnapshot, width: number, paint: Paint): string {
  const { percent, state } = snapshot;
  const barWidth = Math.min(24, Math.max(8, Math.floor(width / 4)));
  const filled = Math.floor((percent / 100) * barWidth);
  const bar = paint('cyan', '█'.repeat(filled)) + paint('dim', '░'.repeat(barWidth - filled));
  const text = state === 'done' ? `100 %  ${snapshot.message}` : progressWords(snapshot);
  return `${bar} ${fit(safe(text), width - barWidth - 1)}`;
}

/** `43.2 %  1.2 GB of 2.9 GB  54 MB/s  48,211 rows/s  about 2 min left`. */
export function progressWords(snapshot: ProgressSnapshot): string {
  const { percent, bytesDone, bytesEstimated, bytesPerSecond, rowsPerSecond, etaSeconds } = snapshot;
  return [
    `${percent.toFixed(1)} %`,
    bytesEstimated === 0 ? '' : `${bytesInWords(bytesDone)} of ${bytesInWords(bytesEstimated)}`,
    bytesPerSecond === null ? '' : byteRateInWords(bytesPerSecond),
    rowsPerSecond === null || rowsPerSecond < 1 ? '' : rowRateInWords(rowsPerSecond),
    etaInWords(etaSeconds),
  ]
    .filter((part) => part !== '')
    .join('  ');
}
